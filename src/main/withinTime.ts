import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";

/** Works for at most `ms` milliseconds; ABORTED after that, also where the work does not heed its signal. */
export const withinTime = async <T>(ctx: Ctx, ms: number, work: (ctx: Ctx) => Promise<T>): Promise<T> => {
  const over = new AbortController();
  const late = ctx.clock.sleep(ms, over.signal).then(() => {
    throw new WaybillError("ABORTED", `there was no answer within ${ms} ms`);
  });
  try {
    return await Promise.race([work({ ...ctx, signal: AbortSignal.any([ctx.signal, over.signal]) }), late]);
  } finally {
    over.abort(new WaybillError("ABORTED", "nobody waits any more"));
    late.catch(() => undefined);
  }
};
