import type { Ctx } from "#core/ctx.ts";
import { asWaybillError } from "#core/errors.ts";

/** Does something every `ms` milliseconds until the context ends; a failure is told, and does not end it. */
export const repeat = async (ctx: Ctx, what: string, ms: number, action: () => Promise<void>): Promise<void> => {
  while (!ctx.signal.aborted) {
    try {
      // oxlint-disable-next-line no-await-in-loop
      await ctx.clock.sleep(ms, ctx.signal);
      // oxlint-disable-next-line no-await-in-loop
      await action();
    } catch (thrown) {
      if (ctx.signal.aborted) return;
      const { code, message } = asWaybillError(thrown);
      ctx.log("error", `${what} failed`, { code, message });
    }
  }
};
