import type { IncomingMessage } from "node:http";

// Who sends less than this in a minute of waiting holds a connection, not an upload (slow loris).
const WINDOW_MS = 60_000;
const MIN_BYTES = 16 * 1024;
const LOOK_MS = 5000;

export interface Pace {
  readonly windowMs: number;
  readonly minBytes: number;
  readonly lookMs: number;
}

/**
 * A request's body; reading it stops without cutting the connection, so that an answer can still be sent. A client that
 * sends next to nothing while it is waited for is cut off. Looking now and then costs nothing for each chunk.
 */
export async function* heedPace(
  request: IncomingMessage,
  pace: Pace = { windowMs: WINDOW_MS, minBytes: MIN_BYTES, lookMs: LOOK_MS },
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  let windowFrom = performance.now();
  let waiting = true;
  const look = setInterval(() => {
    const now = performance.now();
    if (!waiting) windowFrom = now;
    if (now - windowFrom < pace.windowMs) return;
    if (bytes < pace.minBytes) request.destroy();
    windowFrom = now;
    bytes = 0;
  }, pace.lookMs).unref();
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
      waiting = false;
      bytes += chunk.byteLength;
      yield chunk;
      waiting = true;
    }
  } finally {
    clearInterval(look);
  }
}
