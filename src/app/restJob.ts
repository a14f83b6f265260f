import type { Job } from "#records/job.ts";
import type { Operation } from "#records/operation.ts";
import type { Records } from "#records/recordStore.ts";
import { moveOperation } from "#app/moveOperation.ts";
import type { Move } from "#app/moveOperation.ts";

/** How a job leaves its worker's hands. */
export interface Rest extends Pick<Job, "state" | "reason"> {
  /** Undefined: as before. */
  readonly runAt?: number;
  readonly attempts?: number;
  /** What becomes of its operation, and what the audit log calls it. */
  readonly move: Move;
  readonly action: string;
}

/** Puts a job that nobody works on any more where it belongs, together with its operation. */
export const restJob = async (
  records: Records,
  { job, operation }: { readonly job: Job; readonly operation: Operation },
  { move, action, ...rest }: Rest,
  at: number,
): Promise<void> => {
  await records.jobs.update({ ...job, ...rest, owner: undefined, leaseUntil: undefined });
  await moveOperation(records, operation, move, { at, actor: "worker", action, requestId: undefined });
};
