import { setTimeout as wait } from "node:timers/promises";
import type { Clock } from "#core/clock.ts";

/** The machine's clock. */
export const systemClock: Clock = {
  now: Date.now,
  sleep: async (ms, signal) => {
    try {
      await wait(ms, undefined, { signal });
    } catch (error) {
      // Node says only that it was aborted; why (a deadline, Ctrl-C) decides what happens to answers that are there already.
      signal.throwIfAborted();
      throw error;
    }
  },
  jitter: Math.random,
};
