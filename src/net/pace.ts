import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";

export interface Pace {
  /** Within so many milliseconds of waiting at least `MIN_BYTES` must come. */
  readonly windowMs: number;
  /** All of the body within so many milliseconds of waiting. */
  readonly totalMs?: number;
}

export interface PaceMeter {
  /** Waiting begins now: the time since the last bytes was not the sender's. */
  readonly wait: () => void;
  /** So many bytes came, and waiting for the next ones begins; throws NETWORK_TIMEOUT when that was too slow. */
  readonly count: (bytes: number) => void;
}

// Somebody who sends a byte a second never looks stalled to a timer that each byte resets (attack 32).
const MIN_BYTES = 4096;

/** Judges the pace of a body by the time spent waiting for its bytes; a body without any more bytes is a timer's matter. */
export const measurePace = (ctx: Ctx, pace: Pace, what: () => string): PaceMeter => {
  const totalMs = pace.totalMs ?? Infinity;
  let total = 0;
  let waited = 0;
  let bytes = 0;
  let from = ctx.clock.now();
  return {
    wait: () => void (from = ctx.clock.now()),
    count: (more) => {
      const now = ctx.clock.now();
      total += now - from;
      waited += now - from;
      from = now;
      bytes += more;
      if (waited > pace.windowMs) {
        if (bytes < MIN_BYTES) throw tooSlow(what(), `${bytes} bytes in ${waited} ms`);
        waited = 0;
        bytes = 0;
      }
      if (total > totalMs) throw tooSlow(what(), `not complete after ${total} ms`);
    },
  };
};

const tooSlow = (what: string, how: string): WaybillError =>
  new WaybillError("NETWORK_TIMEOUT", `${what}: the answer comes too slowly: ${how}`, {
    details: { reason: "timeout" },
  });
