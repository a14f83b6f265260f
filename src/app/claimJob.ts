import type { Ctx } from "#core/ctx.ts";
import type { Build, Reason } from "#records/build.ts";
import { MAX_ATTEMPTS } from "#records/job.ts";
import type { Job } from "#records/job.ts";
import { isOver } from "#records/operation.ts";
import type { Operation } from "#records/operation.ts";
import type { Records } from "#records/recordStore.ts";
import { moveOperation } from "#app/moveOperation.ts";
import { restJob } from "#app/restJob.ts";
import type { Rest } from "#app/restJob.ts";
import type { ServiceDeps } from "#app/serviceDeps.ts";

export interface ClaimDeps extends ServiceDeps {
  /** Names this worker. */
  readonly owner: string;
  /** How long a job stays with a worker that says nothing any more, milliseconds. */
  readonly leaseMs: number;
  /** False: operations end as skipped (WAYBILL_ISSUE=false). */
  readonly enabled: boolean;
}

/** A job that is this worker's until its lease runs out. */
export interface LeasedJob {
  readonly job: Job;
  readonly operation: Operation;
  readonly build: Build;
}

/** `ended`: nothing was to be done any more; `dead`: it was given up; `parked`: it waits for a key; `idle`: nothing is due. */
export type Claimed =
  | { readonly kind: "leased"; readonly leased: LeasedJob }
  | { readonly kind: "ended" | "dead" | "parked" | "idle" };

/** Takes the job that is due, for this worker alone; with `noKey` it is put aside until `JobRecords.wake`. */
export const claimJob =
  (deps: ClaimDeps) =>
  (ctx: Ctx, noKey: Reason | undefined): Promise<Claimed> => {
    // New for each claim: a job that this worker lost and took again is not the old claim's to end.
    const owner = `${deps.owner}/${deps.newId()}`;
    return deps.store.write(ctx, async (records): Promise<Claimed> => {
      const at = ctx.clock.now();
      const job = await records.jobs.findDue(at);
      if (job === undefined) return { kind: "idle" };
      const operation = await records.operations.find(job.tenant, job.object);
      if (operation === undefined || isOver(operation.state)) {
        await records.jobs.update({ ...job, state: "done", owner: undefined, leaseUntil: undefined });
        return { kind: "ended" };
      }
      const build = await records.builds.find(operation.tenant, operation.app, operation.build);
      const rest = restOf(deps, { job, operation, build }, noKey);
      if (rest !== undefined || build === undefined) {
        const put = rest ?? failed(UNREGISTERED);
        await restJob(records, { job, operation }, put, at);
        return { kind: KIND_OF[put.state] };
      }
      const leased = await lease(records, { job, operation, build }, { owner, leaseUntil: at + deps.leaseMs }, at);
      return { kind: "leased", leased };
    });
  };

const KIND_OF = { queued: "parked", leased: "parked", done: "ended", dead: "dead" } as const;

const UNREGISTERED: Reason = { code: "NOT_FOUND", message: "the build is not registered" };
const WORN_OUT: Reason = {
  code: "INTERNAL",
  message: `given up after ${MAX_ATTEMPTS} attempts, each of which ended with the program`,
};

/** Beyond every clock that matters, and still a date: the last second of the year 9999. */
const FAR_AWAY = 253_402_300_799_000;

/** Why the job is not to be worked on now; undefined where it is. */
const restOf = (
  { enabled }: ClaimDeps,
  { job, operation, build }: Omit<LeasedJob, "build"> & { readonly build: Build | undefined },
  noKey: Reason | undefined,
): Rest | undefined => {
  if (!enabled) {
    const move = { state: "skipped", reason: undefined } as const;
    return { state: "done", reason: "skipped", move, action: "issue.skip" };
  }
  if (build === undefined) return failed(UNREGISTERED);
  if (job.attempts >= MAX_ATTEMPTS) return failed(operation.reason ?? WORN_OUT);
  if (noKey === undefined) return undefined;
  const move = { state: "signing_unavailable", reason: noKey } as const;
  return { state: "queued", reason: "signing_unavailable", runAt: FAR_AWAY, move, action: "issue.park" };
};

const failed = (reason: Reason): Rest => ({
  state: "dead",
  reason: reason.code,
  move: { state: "failed", reason },
  action: "issue.fail",
});

const lease = async (
  records: Records,
  { job, operation, build }: LeasedJob,
  hold: Pick<Job, "owner" | "leaseUntil">,
  at: number,
): Promise<LeasedJob> => {
  const attempts = job.attempts + 1;
  const leased: Job = { ...job, ...hold, state: "leased", attempts };
  await records.jobs.update(leased);
  const deed = { at, actor: "worker", action: "issue.start", requestId: undefined };
  const moved = await moveOperation(records, operation, { state: "running", reason: undefined, attempts }, deed);
  return { job: leased, operation: moved, build };
};
