import type { Ctx } from "#core/ctx.ts";
import type { Reason } from "#records/build.ts";
import { MAX_ATTEMPTS, retryDelay } from "#records/job.ts";
import type { Job } from "#records/job.ts";
import type { LeasedJob } from "#app/claimJob.ts";
import { findLeased } from "#app/findLeased.ts";
import type { StagedImage } from "#app/issueJob.ts";
import { keepPapers } from "#app/keepPapers.ts";
import { restJob } from "#app/restJob.ts";
import type { Rest } from "#app/restJob.ts";
import type { ServiceDeps } from "#app/serviceDeps.ts";

/** What came of an attempt. */
export type Outcome =
  | { readonly kind: "issued"; readonly images: readonly StagedImage[] }
  | { readonly kind: "failed"; readonly reason: Reason; readonly retry: boolean }
  /** The service stops: nobody's fault, so the attempt does not count. */
  | { readonly kind: "interrupted" };

/** Writes down what came of an attempt, whole or not at all; false where the job is no longer this worker's. */
export const settleJob =
  (deps: Pick<ServiceDeps, "store">) =>
  (ctx: Ctx, leased: LeasedJob, outcome: Outcome): Promise<boolean> =>
    deps.store.write(ctx, async (records) => {
      const job = await findLeased(records, leased.job);
      if (job === undefined) return false;
      const at = ctx.clock.now();
      if (outcome.kind === "issued") {
        const { tenant } = leased.operation;
        for (const image of outcome.images) await keepPapers(records, { tenant, ...image }, at);
      }
      await restJob(records, { job, operation: leased.operation }, restAfter(job, outcome, at), at);
      return true;
    });

const restAfter = (job: Job, outcome: Outcome, at: number): Rest => {
  if (outcome.kind === "issued") {
    return { state: "done", reason: undefined, move: { state: "done", reason: undefined }, action: "issue.done" };
  }
  if (outcome.kind === "interrupted") {
    const attempts = job.attempts - 1;
    const move = { state: "pending", reason: undefined, attempts } as const;
    return { state: "queued", reason: undefined, runAt: at, attempts, move, action: "issue.interrupt" };
  }
  const { reason } = outcome;
  if (!outcome.retry || job.attempts >= MAX_ATTEMPTS) {
    return { state: "dead", reason: reason.code, move: { state: "failed", reason }, action: "issue.fail" };
  }
  const runAt = at + retryDelay(job.attempts);
  return { state: "queued", reason: reason.code, runAt, move: { state: "pending", reason }, action: "issue.retry" };
};
