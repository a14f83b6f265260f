import type { Meter } from "#main/serviceMeter.ts";

// Often enough to meet what holds the loop up for longer than a request should wait.
const LOOK_MS = 100;

/**
 * Times how late a timer runs, as what comes in waits as long. Counted as a histogram, since whatever is measured from one look to
 * the next cannot be read by two.
 */
export const watchEventLoop = (meter: Meter): { readonly stop: () => void } => {
  let expected = performance.now() + LOOK_MS;
  const timer = setInterval(() => {
    const now = performance.now();
    meter.observe("waybill_event_loop_lag_seconds", Math.max(0, now - expected) / 1000);
    expected = now + LOOK_MS;
  }, LOOK_MS).unref();
  return { stop: () => clearInterval(timer) };
};
