import type { Ctx } from "#core/ctx.ts";
import { hasCode } from "#core/errors.ts";

/** Gives the value that is known, or does the work for it; those who ask meanwhile wait for the same work. */
export type SharedWork<T> = (ctx: Ctx) => Promise<T>;

/**
 * Work done once for all who need it. `keep` says whether a value is still good. A failure is not kept, and when whoever
 * began the work is interrupted, the next one who waits does it anew.
 */
export const sharedWork = <T>(work: (ctx: Ctx) => Promise<T>, keep: (value: T, ctx: Ctx) => boolean): SharedWork<T> => {
  let done: { readonly value: T } | undefined;
  let running: Promise<T> | undefined;
  const start = (ctx: Ctx): Promise<T> => {
    const mine = work(ctx)
      .then((value) => (done = { value }).value)
      .finally(() => (running = undefined));
    return (running = mine);
  };
  return async (ctx) => {
    for (;;) {
      if (done !== undefined && keep(done.value, ctx)) return done.value;
      if (running === undefined) return start(ctx);
      try {
        return await running;
      } catch (error) {
        if (!hasCode(error, "ABORTED") || ctx.signal.aborted) throw error;
      }
    }
  };
};
