import type { Ctx } from "#core/ctx.ts";
import { asWaybillError, hasCode } from "#core/errors.ts";

/** Loops that take up jobs as they come. */
export interface Workers {
  /** There may be something to do now. */
  readonly wake: () => void;
  /** Waits for the jobs under way; the context ends them. */
  readonly stopped: Promise<void>;
}

export interface WorkersInput {
  readonly count: number;
  /** One job, if any is due. */
  readonly work: (ctx: Ctx) => Promise<"worked" | "idle">;
  /** Longest wait between two looks, milliseconds: another process may have left something. */
  readonly idleMs: number;
}

// After a failure of the store or the like, which the next look may well meet again.
const FAULT_PAUSE_MS = 5000;

/** Starts `count` loops that run until `ctx` is aborted. A job that fails is the job's matter; anything else is told and tried again. */
export const startWorkers = (ctx: Ctx, { count, work, idleMs }: WorkersInput): Workers => {
  const sleepers = new Set<() => void>();
  const rest = async (ms: number): Promise<void> => {
    const alarm = new AbortController();
    const wake = (): void => alarm.abort();
    sleepers.add(wake);
    await ctx.clock.sleep(ms, AbortSignal.any([ctx.signal, alarm.signal])).catch(() => undefined);
    sleepers.delete(wake);
  };
  const loop = async (): Promise<void> => {
    while (!ctx.signal.aborted) {
      try {
        // One job after another is what a worker is.
        // oxlint-disable-next-line no-await-in-loop
        if ((await work(ctx)) === "idle") await rest(idleMs);
      } catch (thrown) {
        if (ctx.signal.aborted || hasCode(thrown, "ABORTED")) continue;
        const { code, message } = asWaybillError(thrown);
        ctx.log("error", "the worker failed", { code, message });
        // oxlint-disable-next-line no-await-in-loop
        await rest(FAULT_PAUSE_MS);
      }
    }
  };
  const loops = Array.from({ length: count }, loop);
  return {
    wake: () => {
      for (const wake of sleepers) wake();
    },
    stopped: Promise.all(loops).then(() => undefined),
  };
};
