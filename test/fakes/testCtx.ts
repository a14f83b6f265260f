import { setTimeout as sleep } from "node:timers/promises";
import type { Ctx } from "#core/ctx.ts";

/** A Ctx with the true clock and nobody listening; `over` replaces single members. */
export const testCtx = (over: Partial<Ctx> = {}): Ctx => ({
  signal: new AbortController().signal,
  log: () => {},
  emit: () => {},
  clock: {
    now: () => Date.now(),
    sleep: (ms, signal) => sleep(ms, undefined, { signal }),
    jitter: () => Math.random(),
  },
  ...over,
});
