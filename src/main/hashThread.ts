import { Worker } from "node:worker_threads";
import type { StartHash } from "#archive/inflate.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import { SLOTS, SLOT_BYTES } from "#main/worker/hashMessage.ts";
import type { HashAnswer, HashMemory, HashRequest } from "#main/worker/hashMessage.ts";

/** A thread that hashes streams while the main thread reads them. */
export interface HashThread {
  readonly startHash: StartHash;
  /** Ends the thread; hashes under way fail with ABORTED. */
  readonly close: () => Promise<void>;
}

// Beside the bundle's flat chunks the worker is a file of its own; from source it is where it is.
const WORKER_URL = new URL(
  import.meta.url.endsWith(".ts") ? "./worker/hash.worker.ts" : "./hash.worker.js",
  import.meta.url,
);

/**
 * Starts a hashing thread. Bytes are copied into a ring of shared memory: that costs a tenth of hashing them, and leaves no
 * garbage in either thread.
 */
export const startHashThread = (): HashThread => {
  const memory = new SharedArrayBuffer(SLOTS * SLOT_BYTES);
  const worker = new Worker(WORKER_URL, {
    name: "hash",
    workerData: { memory } satisfies HashMemory,
  });
  const thread = new Thread(worker, memory);
  return { startHash: thread.startHash, close: thread.close };
};

interface Waiting {
  readonly resolve: (digest: Digest) => void;
  readonly reject: (error: unknown) => void;
}

class Thread {
  readonly #worker: Worker;
  readonly #memory: SharedArrayBuffer;
  readonly #free = Array.from({ length: SLOTS }, (_, slot) => slot);
  /** Those who wait for a slot, in their order. */
  readonly #queue: (() => void)[] = [];
  readonly #digests = new Map<number, Waiting>();
  #streams = 0;
  #failure: WaybillError | undefined;

  constructor(worker: Worker, memory: SharedArrayBuffer) {
    this.#worker = worker;
    this.#memory = memory;
    worker.on("message", (message: HashAnswer) => this.#hear(message));
    worker.on("error", (cause) => this.#fail(new WaybillError("INTERNAL", "the hashing thread failed", { cause })));
    worker.on("exit", () => this.#fail(new WaybillError("ABORTED", "the hashing thread was ended")));
  }

  readonly startHash: StartHash = (algorithm) => {
    const stream = this.#streams++;
    this.#send({ kind: "start", stream, algorithm });
    return {
      update: (chunk) => {
        const at = this.#fill(stream, chunk, 0);
        return at === chunk.byteLength ? undefined : this.#fillLater(stream, chunk, at);
      },
      end: () => this.#end(stream),
    };
  };

  readonly close = async (): Promise<void> => {
    await this.#worker.terminate();
  };

  /** Copies as much as there are free slots for; how far that went. */
  #fill(stream: number, chunk: Uint8Array, from: number): number {
    let at = from;
    while (at < chunk.byteLength) {
      const slot = this.#free.pop();
      if (slot === undefined) break;
      const length = Math.min(SLOT_BYTES, chunk.byteLength - at);
      new Uint8Array(this.#memory, slot * SLOT_BYTES, length).set(chunk.subarray(at, at + length));
      this.#send({ kind: "update", stream, slot, length });
      at += length;
    }
    return at;
  }

  async #fillLater(stream: number, chunk: Uint8Array, from: number): Promise<void> {
    for (let at = from; at < chunk.byteLength; at = this.#fill(stream, chunk, at)) {
      if (this.#failure !== undefined) throw this.#failure;
      // One after another: a stream's bytes have an order.
      // oxlint-disable-next-line no-await-in-loop
      await new Promise<void>((resolve) => this.#queue.push(resolve));
    }
  }

  #end(stream: number): Promise<Digest> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure);
      this.#digests.set(stream, { resolve, reject });
      this.#send({ kind: "end", stream });
    });
  }

  #hear(message: HashAnswer): void {
    if (message.kind === "free") {
      this.#free.push(message.slot);
      this.#queue.shift()?.();
    } else {
      this.#digests.get(message.stream)?.resolve(message.digest);
      this.#digests.delete(message.stream);
    }
  }

  #fail(error: WaybillError): void {
    this.#failure ??= error;
    for (const { reject } of this.#digests.values()) reject(this.#failure);
    this.#digests.clear();
    for (const wake of this.#queue.splice(0)) wake();
  }

  #send(request: HashRequest): void {
    this.#worker.postMessage(request);
  }
}
