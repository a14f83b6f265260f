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

/** One request to issue the papers of a build's image, as its caller sees it. */
export interface Operation {
  /** UUIDv7. */
  readonly id: string;
  readonly tenant: Tenant;
  readonly app: string;
  readonly build: string;
  readonly image: BuildImage;
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
