import { availableParallelism } from "node:os";
import { createHash } from "node:crypto";
import type { Hash } from "node:crypto";
import { parseDigest } from "#core/digest.ts";
import type { DigestAlgorithm } from "#core/digest.ts";
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
    start: (algorithm) => streamDigest(algorithm, pick, { held: [] }),
    threads: () => threads.length,
    close: async () => void (await Promise.all(threads.splice(0).map((thread) => thread.close()))),
  };
};

/** A stream of one thread. */
interface Place {
  readonly thread: DigestThread;
  readonly stream: number;
}

/** Where a stream is hashed, and the bytes that nobody has hashed yet. */
interface Progress {
  readonly held: readonly Uint8Array[];
  readonly place?: Place | undefined;
  readonly here?: Hash | undefined;
}

const streamDigest = (algorithm: DigestAlgorithm, pick: () => DigestThread, from: Progress): StreamDigest => {
  let { place, here } = from;
  let chunks = [...from.held];
  let bytes = chunks.reduce((sum, one) => sum + one.byteLength, 0);

  const take = (): readonly Uint8Array[] => {
    const taken = chunks;
    chunks = [];
    bytes = 0;
    return taken;
  };
  const hashHeld = (): Hash => {
    here ??= createHash(algorithm);
    for (const chunk of take()) here.update(chunk);
    return here;
  };
  const send = async (): Promise<void> => {
    if (bytes === 0) return;
    const thread = place?.thread ?? pick();
    place ??= { thread, stream: thread.start(algorithm) };
    await thread.update(place.stream, take());
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
      if (here !== undefined) return void hashHeld();
      return bytes < SLOT_BYTES ? undefined : send();
    },
    // What stops before a slot is full comes slowly, and is not worth a thread.
    flush: async () => void (place === undefined ? hashHeld() : await send()),
    fork: () => {
      const forked = place && { thread: place.thread, stream: place.thread.fork(place.stream) };
      return streamDigest(algorithm, pick, { held: chunks, place: forked, here: here?.copy() });
    },
    digest: async () => {
      if (place === undefined) return parseDigest(`${algorithm}:${hashHeld().digest("hex")}`);
      await send();
      const left = leave();
      const hex = await left?.thread.end(left.stream);
      return parseDigest(`${algorithm}:${hex ?? ""}`);
    },
    discard: () => {
      const left = leave();
      left?.thread.drop(left.stream);
      take();
    },
  };
};
