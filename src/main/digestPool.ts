import { availableParallelism } from "node:os";
import { createHash } from "node:crypto";
import { parseDigest } from "#core/digest.ts";
import type { Digest, DigestAlgorithm } from "#core/digest.ts";
import type { StartDigest, StreamDigest } from "#core/streamDigest.ts";
import { startDigestThread } from "#main/digestThread.ts";
import type { DigestThread } from "#main/digestThread.ts";
import { SLOT_BYTES } from "#main/worker/digestMessage.ts";

/** Hashes streams on threads of their own: SHA-256 of a layer is most of the work of carrying it. */
export interface DigestPool {
  /** Up to the first slot full of bytes it is hashed here, which is sooner done than told. */
  readonly start: StartDigest;
  /** Threads that run. */
  readonly threads: () => number;
  /** Ends the threads; digests under way fail. */
  readonly close: () => Promise<void>;
}

const MAX_THREADS = 4;

/** A pool of threads that are started when they are needed. */
export const openDigestPool = (maxThreads = Math.min(MAX_THREADS, availableParallelism())): DigestPool => {
  const threads: DigestThread[] = [];

  /** The least busy one; a new one before two streams share one. */
  const pick = (): DigestThread => {
    for (const [at, thread] of threads.entries()) if (thread.isLost()) threads.splice(at, 1);
    const [best] = threads.toSorted((a, b) => a.streams() - b.streams());
    if (best !== undefined && (best.streams() === 0 || threads.length >= maxThreads)) return best;
    const fresh = startDigestThread();
    threads.push(fresh);
    return fresh;
  };

  return {
    start: (algorithm) => streamDigest(algorithm, pick, []),
    threads: () => threads.length,
    close: async () => void (await Promise.all(threads.splice(0).map((thread) => thread.close()))),
  };
};

/** A stream of one thread. */
interface Place {
  readonly thread: DigestThread;
  readonly stream: number;
}

const streamDigest = (
  algorithm: DigestAlgorithm,
  pick: () => DigestThread,
  held: readonly Uint8Array[],
  from?: Place,
): StreamDigest => {
  let place = from;
  let chunks = [...held];
  let bytes = held.reduce((sum, one) => sum + one.byteLength, 0);

  const enter = (): Place => {
    const thread = pick();
    return { thread, stream: thread.start(algorithm) };
  };
  const flush = async (): Promise<void> => {
    if (bytes === 0) return;
    const batch = chunks;
    chunks = [];
    bytes = 0;
    place ??= enter();
    await place.thread.update(place.stream, batch);
  };
  const leave = (): Place | undefined => {
    const left = place;
    place = undefined;
    return left;
  };

  return {
    update: (chunk) => {
      chunks.push(chunk);
      bytes += chunk.byteLength;
      return bytes < SLOT_BYTES ? undefined : flush();
    },
    flush,
    fork: () => {
      const forked = place && { thread: place.thread, stream: place.thread.fork(place.stream) };
      return streamDigest(algorithm, pick, chunks, forked);
    },
    digest: async () => {
      if (place === undefined) return hashAll(algorithm, chunks);
      await flush();
      const left = leave();
      const hex = await left?.thread.end(left.stream);
      return parseDigest(`${algorithm}:${hex ?? ""}`);
    },
    discard: () => {
      const left = leave();
      left?.thread.drop(left.stream);
      chunks = [];
      bytes = 0;
    },
  };
};

const hashAll = (algorithm: DigestAlgorithm, chunks: readonly Uint8Array[]): Digest => {
  const hash = createHash(algorithm);
  for (const chunk of chunks) hash.update(chunk);
  return parseDigest(`${algorithm}:${hash.digest("hex")}`);
};
