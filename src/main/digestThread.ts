import { Worker } from "node:worker_threads";
import type { DigestAlgorithm } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import { SLOTS, SLOT_BYTES } from "#main/worker/digestMessage.ts";
import type { DigestAnswer, DigestRequest } from "#main/worker/digestMessage.ts";

/** A thread that hashes streams. What goes wrong with it is INTERNAL, or ABORTED where it was ended, for all that wait. */
export interface DigestThread {
  /** Streams that are neither ended nor dropped. */
  readonly streams: () => number;
  readonly isLost: () => boolean;
  /** The number of a new stream. */
  readonly start: (algorithm: DigestAlgorithm) => number;
  readonly fork: (stream: number) => number;
  /** Resolves when the bytes are copied, and nobody else's turn is held up. */
  readonly update: (stream: number, chunks: readonly Uint8Array[]) => Promise<void>;
  /** Hexadecimal. */
  readonly end: (stream: number) => Promise<string>;
  readonly drop: (stream: number) => void;
  readonly close: () => Promise<void>;
}

// Beside the bundle's flat chunks the worker is a file of its own; from source it is where it is.
const WORKER_URL = new URL(
  import.meta.url.endsWith(".ts") ? "./worker/digest.worker.ts" : "./digest.worker.js",
  import.meta.url,
);

interface Waiting<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: WaybillError) => void;
}

/** Starts a thread, which keeps the process alive only while it has streams. */
export const startDigestThread = (): DigestThread => {
  const memory = new SharedArrayBuffer(SLOTS * SLOT_BYTES);
  const worker = new Worker(WORKER_URL, { name: "digest", workerData: memory });
  worker.unref();
  const free = Array.from({ length: SLOTS }, (_, slot) => slot);
  const wantSlot: Waiting<number>[] = [];
  const wantHex = new Map<number, Waiting<string>>();
  let failure: WaybillError | undefined;
  let streams = 0;
  let count = 0;

  const fail = (error: WaybillError): void => {
    failure ??= error;
    for (const one of [...wantSlot.splice(0), ...wantHex.values()]) one.reject(failure);
    wantHex.clear();
  };
  const post = (request: DigestRequest): void => {
    if (failure !== undefined) throw failure;
    worker.postMessage(request);
  };
  const opened = (): number => {
    if (streams++ === 0) worker.ref();
    return count++;
  };
  const closed = (): void => {
    if (--streams === 0) worker.unref();
  };
  const takeSlot = (): Promise<number> | number =>
    free.pop() ?? new Promise((resolve, reject) => wantSlot.push({ resolve, reject }));
  const giveSlot = (slot: number): void => {
    const next = wantSlot.shift();
    if (next === undefined) free.push(slot);
    else next.resolve(slot);
  };

  worker.on("message", (message: DigestAnswer) => {
    if (message.kind === "free") return giveSlot(message.slot);
    wantHex.get(message.stream)?.resolve(message.hex);
    wantHex.delete(message.stream);
  });
  worker.on("error", (cause) => fail(new WaybillError("INTERNAL", "the thread that hashes failed", { cause })));
  worker.on("exit", () => fail(new WaybillError("ABORTED", "the thread that hashes was ended")));

  return {
    streams: () => streams,
    isLost: () => failure !== undefined,
    start: (algorithm) => {
      const stream = opened();
      post({ kind: "start", stream, algorithm });
      return stream;
    },
    fork: (stream) => {
      const as = opened();
      post({ kind: "fork", stream, as });
      return as;
    },
    update: async (stream, chunks) => {
      for (const part of slotsOf(chunks)) {
        if (failure !== undefined) throw failure;
        // One slot after another: the bytes have an order, and others want some, too.
        // oxlint-disable-next-line no-await-in-loop
        const slot = await takeSlot();
        let length = 0;
        for (const chunk of part) {
          new Uint8Array(memory, slot * SLOT_BYTES + length, chunk.byteLength).set(chunk);
          length += chunk.byteLength;
        }
        post({ kind: "update", stream, slot, length });
      }
    },
    end: async (stream) => {
      try {
        return await new Promise<string>((resolve, reject) => {
          post({ kind: "end", stream });
          wantHex.set(stream, { resolve, reject });
        });
      } finally {
        closed();
      }
    },
    drop: (stream) => {
      closed();
      if (failure === undefined) post({ kind: "drop", stream });
    },
    close: async () => void (await worker.terminate()),
  };
};

/** The chunks in their order, cut where a slot is full. */
function* slotsOf(chunks: readonly Uint8Array[]): Generator<readonly Uint8Array[]> {
  let part: Uint8Array[] = [];
  let room = SLOT_BYTES;
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.byteLength;) {
      const piece = chunk.subarray(at, at + room);
      part.push(piece);
      at += piece.byteLength;
      room -= piece.byteLength;
      if (room > 0) continue;
      yield part;
      part = [];
      room = SLOT_BYTES;
    }
  }
  if (part.length > 0) yield part;
}
