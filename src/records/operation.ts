import type { BuildImage, Reason, Tenant } from "#records/build.ts";

/** `cancelled` and the four before it are ends. */
export const OPERATION_STATES = [
  "pending",
  "running",
  "signing_unavailable",
  "done",
  "failed",
  "skipped",
  "cancelled",
] as const;
export type OperationState = (typeof OPERATION_STATES)[number];

/**
 * What it means for whoever waits that an image is not signed: a gate stays closed, best effort goes on and says why not
 * (builders.md D17, D18). The work and its repeats are the same.
 */
export const ISSUE_MODES = ["best-effort", "gate"] as const;
export type IssueMode = (typeof ISSUE_MODES)[number];

/** One request to issue the papers of a build's image, as its caller sees it. */
export interface Operation {
  /** UUIDv7. */
  readonly id: string;
  readonly tenant: Tenant;
  readonly app: string;
  readonly build: string;
  readonly image: BuildImage;
  readonly mode: IssueMode;
  readonly state: OperationState;
  /** How often it was begun. */
  readonly attempts: number;
  readonly reason: Reason | undefined;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** True for a state that nothing follows. */
export const isOver = (state: OperationState): boolean =>
  state !== "pending" && state !== "running" && state !== "signing_unavailable";
