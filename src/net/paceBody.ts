import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";

export interface Pace {
  /** Within so many milliseconds of waiting at least `MIN_BYTES` must come. */
  readonly windowMs: number;
  /** All of the body within so many milliseconds of waiting. */
  readonly totalMs?: number;
}

// Somebody who sends a byte a second never looks stalled to a timer that each byte resets (attack 32).
const MIN_BYTES = 4096;

/**
 * Passes a body on as long as it comes at a bearable pace; NETWORK_TIMEOUT when it does not. Only the time spent waiting
 * for bytes counts, so whoever consumes slowly is never blamed on the sender.
 */
export async function* paceBody(
  ctx: Ctx,
  chunks: AsyncIterable<Uint8Array>,
  pace: Pace,
  what: string,
): AsyncGenerator<Uint8Array> {
  let total = 0;
  let waited = 0;
  let bytes = 0;
  let from = ctx.clock.now();
  for await (const chunk of chunks) {
    const took = ctx.clock.now() - from;
    total += took;
    waited += took;
    bytes += chunk.byteLength;
    if (waited > pace.windowMs) {
      if (bytes < MIN_BYTES) throw tooSlow(what, `${bytes} bytes in ${waited} ms`);
      waited = 0;
      bytes = 0;
    }
    if (total > (pace.totalMs ?? Infinity)) throw tooSlow(what, `not complete after ${total} ms`);
    yield chunk;
    from = ctx.clock.now();
  }
}

const tooSlow = (what: string, how: string): WaybillError =>
  new WaybillError("NETWORK_TIMEOUT", `${what}: the answer comes too slowly: ${how}`, {
    details: { reason: "timeout" },
  });
