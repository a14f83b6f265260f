import type { Clock } from "#core/clock.ts";

export interface ManualClock extends Clock {
  /** Moves time on and wakes whoever's sleep is over. */
  readonly advance: (ms: number) => void;
}

/** A clock that stands still until it is moved. */
export const manualClock = (start = 0): ManualClock => {
  let now = start;
  const sleepers = new Set<{ readonly until: number; readonly wake: () => void }>();
  return {
    now: () => now,
    jitter: () => 0.5,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        const sleeper = { until: now + ms, wake: resolve };
        sleepers.add(sleeper);
        signal.addEventListener("abort", () => {
          sleepers.delete(sleeper);
          reject(new DOMException("aborted", "AbortError"));
        });
      }),
    advance: (ms) => {
      now += ms;
      for (const sleeper of sleepers) {
        if (sleeper.until > now) continue;
        sleepers.delete(sleeper);
        sleeper.wake();
      }
    },
  };
};
