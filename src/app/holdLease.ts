import type { Ctx } from "#core/ctx.ts";
import { asWaybillError } from "#core/errors.ts";
import type { Job } from "#records/job.ts";
import type { ClaimDeps } from "#app/claimJob.ts";
import { findLeased } from "#app/findLeased.ts";

type LeaseDeps = Pick<ClaimDeps, "store" | "leaseMs">;

/**
 * Works while the lease is renewed, three times in its length, however long the work takes. A lease that is lost to another
 * worker, or that ran out because the store did not answer, aborts the work: then nobody may be written for any more.
 */
export const holdLease = async <T>(deps: LeaseDeps, ctx: Ctx, job: Job, work: (ctx: Ctx) => Promise<T>): Promise<T> => {
  const lost = new AbortController();
  const over = new AbortController();
  const renewing = renewUntil(deps, { ...ctx, signal: over.signal }, job, lost);
  try {
    return await work({ ...ctx, signal: AbortSignal.any([ctx.signal, lost.signal]) });
  } finally {
    over.abort();
    await renewing;
  }
};

/** Ends when `ctx` is aborted, or with the lease. */
const renewUntil = async (deps: LeaseDeps, ctx: Ctx, job: Job, lost: AbortController): Promise<void> => {
  let until = job.leaseUntil ?? 0;
  while (await pause(ctx, deps.leaseMs / 3)) {
    try {
      const renewed = await renew(deps, ctx, job);
      if (renewed === undefined) return lost.abort();
      until = renewed;
    } catch (error) {
      if (ctx.signal.aborted) return;
      ctx.log("warn", "the lease of a job could not be renewed", { job: job.id, code: asWaybillError(error).code });
      if (ctx.clock.now() >= until) return lost.abort();
    }
  }
};

const pause = async ({ clock, signal }: Ctx, ms: number): Promise<boolean> => {
  if (signal.aborted) return false;
  try {
    await clock.sleep(ms, signal);
    return true;
  } catch {
    // Only the abort ends a sleep early.
    return false;
  }
};

const renew = (deps: LeaseDeps, ctx: Ctx, job: Job): Promise<number | undefined> =>
  deps.store.write(ctx, async (records) => {
    const held = await findLeased(records, job);
    if (held === undefined) return undefined;
    const leaseUntil = ctx.clock.now() + deps.leaseMs;
    await records.jobs.update({ ...held, leaseUntil });
    return leaseUntil;
  });
