import { WaybillError } from "#core/errors.ts";
import type { BodySink, BodySource } from "#net/exchange.ts";

export interface ChunkQueue {
  readonly sink: BodySink;
  /** The next bytes in order; undefined at the end. What the sink failed with comes after all bytes before it. */
  readonly next: () => Promise<Uint8Array | undefined>;
  /** Lets go of the rest. */
  readonly discard: () => void;
}

// A few of the pieces that a socket gives: a reader that hashes or writes for a moment does not stop the connection, which
// takes longer to go on than the piece.
const FULL_BYTES = 512 * 1024;

/** Holds the bytes of a body between a connection, which pushes, and one reader, who pulls. */
export const chunkQueue = (source: BodySource): ChunkQueue => {
  const queue: Uint8Array[] = [];
  let bytes = 0;
  let paused = false;
  let outcome: { readonly error?: unknown } | undefined;
  let wake = (): void => {};

  const settle = (result: { readonly error?: unknown }): void => {
    outcome = result;
    wake();
  };
  const take = (): Uint8Array | undefined => {
    const chunk = queue.shift();
    bytes -= chunk?.byteLength ?? 0;
    if (paused && bytes <= FULL_BYTES / 2) {
      paused = false;
      source.resume();
    }
    return chunk;
  };

  return {
    sink: {
      write: (chunk) => {
        queue.push(chunk);
        bytes += chunk.byteLength;
        paused = bytes >= FULL_BYTES;
        wake();
        return !paused;
      },
      end: () => settle({}),
      fail: (error) => settle({ error }),
    },
    next: async () => {
      while (queue.length === 0 && outcome === undefined) await new Promise<void>((resolve) => (wake = resolve));
      if (queue.length === 0 && outcome !== undefined && "error" in outcome) throw outcome.error;
      return take();
    },
    discard: () => {
      queue.length = 0;
      if (outcome === undefined) source.abort(new WaybillError("ABORTED", "the rest of the body is not wanted"));
    },
  };
};
