import { createInflate } from "#archive/inflate.ts";
import type { Inflate } from "#archive/inflate.ts";
import { startHashThread } from "#main/hashThread.ts";
import type { HashThread } from "#main/hashThread.ts";

/** Inflates streams without keeping the main thread busy: zlib works in Node's thread pool, hashes in threads of ours. */
export interface InflatePool {
  readonly inflate: Inflate;
  /** Ends the threads; streams under way fail. */
  readonly close: () => Promise<void>;
}

// One hashing thread keeps up with two that inflate, also on processors without SHA instructions.
const STREAMS_PER_THREAD = 2;

/** A pool for `width` streams at once; threads start when they are needed. */
export const openInflatePool = (width: number): InflatePool => {
  const threads: HashThread[] = [];
  const max = Math.max(1, Math.ceil(width / STREAMS_PER_THREAD));
  let next = 0;
  const inflate = createInflate((algorithm) => {
    const index = next++ % max;
    const thread = (threads[index] ??= startHashThread());
    return thread.startHash(algorithm);
  });
  const close = async (): Promise<void> => {
    await Promise.all(threads.splice(0).map((thread) => thread.close()));
  };
  return { inflate, close };
};
