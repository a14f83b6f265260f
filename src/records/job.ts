import type { Tenant } from "#records/build.ts";

/** Work for the worker: at least once, so that its handler must not mind doing it again. */
export interface Job {
  /** UUIDv7. */
  readonly id: string;
  readonly tenant: Tenant;
  readonly kind: "issue";
  /** What it is about: the id of an operation. */
  readonly object: string;
  /** `queued` jobs wait for `runAt`, `leased` ones belong to `owner` until `leaseUntil`; `dead`: given up. */
  readonly state: "queued" | "leased" | "done" | "dead";
  /** How often it was leased. */
  readonly attempts: number;
  readonly runAt: number;
  readonly owner: string | undefined;
  readonly leaseUntil: number | undefined;
  readonly reason: string | undefined;
  readonly createdAt: number;
}

const FIRST_DELAY_MS = 1000;
const LONGEST_DELAY_MS = 5 * 60_000;

/** Attempts after which a job is given up. */
export const MAX_ATTEMPTS = 10;

/** Wait before the next attempt, milliseconds: doubled each time, up to five minutes. */
export const retryDelay = (attempts: number): number =>
  Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.max(0, attempts - 1));
