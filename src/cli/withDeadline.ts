import type { Clock } from "#core/clock.ts";
import { WaybillError, hasCode } from "#core/errors.ts";

interface Deadline {
  readonly clock: Clock;
  readonly interrupted: AbortSignal;
  /** 0: none. */
  readonly timeoutMs: number;
  /** Work that ends by itself once it is stopped; it is waited for. */
  readonly drains?: boolean;
}

// Time for a stopped command to put its things in order: upload sessions cancelled, temporary files removed.
const GRACE_MS = 5000;

/**
 * Runs `work` with a signal that aborts on interruption and after the time is up. Whatever work then throws because of the
 * signal becomes the signal's reason; work that does not heed it is left behind after a grace period.
 */
export const withDeadline = async <T>(deadline: Deadline, work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
  const { clock, interrupted, timeoutMs } = deadline;
  const late = new AbortController();
  const done = new AbortController();
  const signal = AbortSignal.any([interrupted, late.signal]);
  if (timeoutMs > 0) {
    const error = new WaybillError("NETWORK_TIMEOUT", `not done after ${timeoutMs / 1000} s`);
    afterSleep(clock, timeoutMs, done.signal, () => late.abort(error));
  }
  try {
    if (deadline.drains) return await work(signal);
    return await Promise.race([work(signal), leftBehind(clock, signal, done.signal)]);
  } catch (thrown) {
    throw isEcho(thrown, signal) ? signal.reason : thrown;
  } finally {
    done.abort();
  }
};

const leftBehind = (clock: Clock, signal: AbortSignal, done: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const wait = (): void => afterSleep(clock, GRACE_MS, done, () => reject(signal.reason as WaybillError));
    if (signal.aborted) wait();
    else signal.addEventListener("abort", wait, { once: true });
  });

const afterSleep = (clock: Clock, ms: number, done: AbortSignal, then: () => void): void => {
  // A sleep that is cut short has nothing left to do.
  clock.sleep(ms, done).then(then, () => undefined);
};

/** Streams, timers and fetches each wrap an abort in a class of their own. */
const isEcho = (thrown: unknown, signal: AbortSignal): boolean =>
  signal.aborted &&
  (hasCode(thrown, "ABORTED") ||
    (thrown instanceof Error && (thrown.name === "AbortError" || thrown.name === "TimeoutError")));
