import type { Ctx } from "#core/ctx.ts";
import { asWaybillError } from "#core/errors.ts";
import type { Job } from "#records/job.ts";
import type { ClaimDeps } from "#app/claimJob.ts";
import { findLeased } from "#app/findLeased.ts";

export interface LeaseDeps extends Pick<ClaimDeps, "store" | "leaseMs"> {
  /** Calls `action` again and again, `ms` milliseconds apart, until it is stopped. */
  readonly every: (ms: number, action: () => void) => { readonly stop: () => void };
}

/**
 * Works while the lease is renewed, three times in its length, however long the work takes. A lease that is lost to another
 * worker, or that ran out because the store did not answer, aborts the work: then nobody may be written for any more. One that
 * ran out because this process was kept from beating (a blocked event loop, a stopped machine, a clock set forward) is renewed
 * where nobody took it meanwhile. The lease only saves work done twice: that one worker alone settles is for `findLeased`.
 */
export const holdLease = async <T>(deps: LeaseDeps, ctx: Ctx, job: Job, work: (ctx: Ctx) => Promise<T>): Promise<T> => {
  const lost = new AbortController();
  const over = new AbortController();
  const renewal = createRenewal(deps, { ...ctx, signal: over.signal }, job, lost);
  const beat = deps.every(deps.leaseMs / 3, renewal.beat);
  try {
    return await work({ ...ctx, signal: AbortSignal.any([ctx.signal, lost.signal]) });
  } finally {
    beat.stop();
    over.abort();
  }
};

/** One renewal at a time; does nothing any more once `ctx` is aborted or the lease is lost. */
const createRenewal = (deps: LeaseDeps, ctx: Ctx, job: Job, lost: AbortController): { readonly beat: () => void } => {
  let until = job.leaseUntil ?? 0;
  let busy = false;
  const renewOnce = async (): Promise<void> => {
    try {
      const renewed = await renew(deps, ctx, job);
      if (renewed === undefined) lost.abort();
      else until = renewed;
    } catch (error) {
      if (ctx.signal.aborted) return;
      if (ctx.clock.now() >= until) lost.abort();
      ctx.log("warn", "the lease of a job could not be renewed", { job: job.id, code: asWaybillError(error).code });
    } finally {
      busy = false;
    }
  };
  const beat = (): void => {
    if (ctx.signal.aborted || lost.signal.aborted) return;
    if (!busy) {
      busy = true;
      void renewOnce();
    } else if (ctx.clock.now() >= until) {
      // A store that never answers ends the lease like one that says no.
      lost.abort();
    }
  };
  return { beat };
};

const renew = (deps: LeaseDeps, ctx: Ctx, job: Job): Promise<number | undefined> =>
  deps.store.write(ctx, async (records) => {
    const held = await findLeased(records, job);
    if (held === undefined) return undefined;
    const leaseUntil = ctx.clock.now() + deps.leaseMs;
    await records.jobs.update({ ...held, leaseUntil });
    return leaseUntil;
  });
