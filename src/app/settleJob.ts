import type { Ctx } from "#core/ctx.ts";
import type { Reason } from "#records/build.ts";
import { MAX_ATTEMPTS, retryDelay } from "#records/job.ts";
import type { Job } from "#records/job.ts";
import type { LeasedJob } from "#app/claimJob.ts";
import { findLeased } from "#app/findLeased.ts";
import type { StagedImage } from "#app/issueJob.ts";
import { keepPapers } from "#app/keepPapers.ts";
import type { KeptPaper } from "#app/keepPapers.ts";
import { restJob } from "#app/restJob.ts";
import type { Rest } from "#app/restJob.ts";
import type { ServiceDeps } from "#app/serviceDeps.ts";

/** What came of an attempt. */
export type Outcome =
  | { readonly kind: "issued"; readonly images: readonly StagedImage[] }
  | { readonly kind: "failed"; readonly reason: Reason; readonly retry: boolean }
  /** The service stops: nobody's fault, so the attempt does not count. */
  | { readonly kind: "interrupted" };

/** What was written down of it. */
export interface Settled {
  /** `lost`: nothing, since the job is no longer this worker's. */
  readonly result: "done" | "retried" | "dead" | "interrupted" | "lost";
  readonly papers: readonly KeptPaper[];
}

/** Writes down what came of an attempt, whole or not at all. */
export const settleJob =
  (deps: Pick<ServiceDeps, "store">) =>
  (ctx: Ctx, leased: LeasedJob, outcome: Outcome): Promise<Settled> =>
    deps.store.write(ctx, async (records) => {
      const job = await findLeased(records, leased.job);
      if (job === undefined) return { result: "lost", papers: [] };
      const at = ctx.clock.now();
      const papers: KeptPaper[] = [];
      if (outcome.kind === "issued") {
        const { tenant } = leased.operation;
        for (const image of outcome.images) papers.push(...(await keepPapers(records, { tenant, ...image }, at)));
      }
      const rest = restAfter(job, outcome, at);
      await restJob(records, { job, operation: leased.operation }, rest, at);
      return { result: resultOf(outcome, rest), papers };
    });

const resultOf = ({ kind }: Outcome, { state }: Rest): Settled["result"] => {
  if (kind === "issued") return "done";
  if (kind === "interrupted") return "interrupted";
  return state === "dead" ? "dead" : "retried";
};

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
