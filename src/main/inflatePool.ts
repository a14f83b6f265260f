import type { Inflate } from "#archive/inflate.ts";
import { startInflateThread } from "#main/inflateThread.ts";
import type { InflateThread } from "#main/inflateThread.ts";

/** Inflates streams without keeping the main thread busy. */
export interface InflatePool {
  readonly inflate: Inflate;
  /** Ends the threads; streams under way fail. */
  readonly close: () => Promise<void>;
}

// A thread hashes while zlib, which has threads of its own, inflates: it keeps up with two streams.
const STREAMS_PER_THREAD = 2;

/** A pool for `width` streams at once. The first thread starts now, the others when they are needed. */
export const openInflatePool = (width: number): InflatePool => {
  const threads: InflateThread[] = [startInflateThread()];
  const max = Math.max(1, Math.ceil(width / STREAMS_PER_THREAD));
  let next = 0;
  const inflate: Inflate = (ctx, compressed, job) => {
    const index = next++ % max;
    return (threads[index] ??= startInflateThread()).inflate(ctx, compressed, job);
  };
  const close = async (): Promise<void> => {
    await Promise.all(threads.splice(0).map((thread) => thread.close()));
  };
  return { inflate, close };
};
