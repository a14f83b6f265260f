import { Worker } from "node:worker_threads";
import type { Inflate, InflateJob } from "#archive/inflate.ts";
import { WaybillError } from "#core/errors.ts";
import { CHUNKS_AHEAD, SLOTS, SLOT_BYTES } from "#main/worker/inflateMessage.ts";
import type { InflateAnswer, InflateRequest } from "#main/worker/inflateMessage.ts";

/** A thread that inflates and hashes streams while the main thread reads what comes out. */
export interface InflateThread {
  readonly inflate: Inflate;
  /** Ends the thread; streams under way fail with ABORTED. */
  readonly close: () => Promise<void>;
}

// Beside the bundle's flat chunks the worker is a file of its own; from source it is where it is.
const WORKER_URL = new URL(
  import.meta.url.endsWith(".ts") ? "./worker/inflate.worker.ts" : "./inflate.worker.js",
  import.meta.url,
);

/**
 * Starts an inflating thread. What it inflates comes back through a ring of shared memory for each stream: zlib's own chunks
 * would be garbage here, and each full collection would walk all that a scan remembers.
 */
export const startInflateThread = (): InflateThread => {
  const worker = new Worker(WORKER_URL, { name: "inflate" });
  const streams = new Map<number, Stream>();
  let failure: WaybillError | undefined;
  let count = 0;
  const failAll = (error: WaybillError): void => {
    failure ??= error;
    for (const stream of streams.values()) stream.fail(failure);
  };
  worker.on("message", (message: InflateAnswer) => streams.get(message.stream)?.hear(message));
  worker.on("error", (cause) => failAll(new WaybillError("INTERNAL", "the inflating thread failed", { cause })));
  worker.on("exit", () => failAll(new WaybillError("ABORTED", "the inflating thread was ended")));
  const inflate: Inflate = async function* ({ signal }, compressed, job) {
    if (failure !== undefined) throw failure;
    const id = count++;
    const stream = new Stream(worker, id, job);
    streams.set(id, stream);
    void stream.feed(compressed);
    try {
      for (let slot = await stream.next(); slot !== undefined; slot = await stream.next()) {
        signal.throwIfAborted();
        yield stream.view(slot);
        stream.release(slot);
      }
    } finally {
      stream.close();
      streams.delete(id);
    }
  };
  const close = async (): Promise<void> => {
    await worker.terminate();
  };
  return { inflate, close };
};

// Each piece costs a turn through zlib's thread, which for what a network gives at once is a fifth of all the work.
const PIECE_BYTES = 1024 * 1024;

/** The bytes in few large pieces that may be given away; the giver's chunks may be parts of something larger. */
async function* gather(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let piece = Buffer.allocUnsafeSlow(PIECE_BYTES);
  let filled = 0;
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.byteLength;) {
      const part = chunk.subarray(at, at + PIECE_BYTES - filled);
      piece.set(part, filled);
      at += part.byteLength;
      filled += part.byteLength;
      if (filled < PIECE_BYTES) continue;
      yield piece;
      piece = Buffer.allocUnsafeSlow(PIECE_BYTES);
      filled = 0;
    }
  }
  if (filled > 0) yield piece.subarray(0, filled);
}

interface FilledSlot {
  readonly slot: number;
  readonly length: number;
}

/** One stream as the asking side sees it. */
class Stream {
  readonly #worker: Worker;
  readonly #id: number;
  readonly #memory = new SharedArrayBuffer(SLOTS * SLOT_BYTES);
  readonly #filled: FilledSlot[] = [];
  /** Chunks that the thread has room for. */
  #room = CHUNKS_AHEAD;
  #state: "open" | "done" | "closed" = "open";
  #failure: unknown;
  #wakeReader = (): void => undefined;
  #wakeFeeder = (): void => undefined;

  constructor(worker: Worker, id: number, job: InflateJob) {
    this.#worker = worker;
    this.#id = id;
    this.#send({ kind: "start", stream: id, job, memory: this.#memory });
  }

  /** Sends the compressed bytes as the thread takes them; their failure becomes the stream's. */
  async feed(compressed: AsyncIterable<Uint8Array>): Promise<void> {
    try {
      for await (const piece of gather(compressed)) {
        while (this.#room === 0 && this.#isOpen()) await new Promise<void>((resolve) => (this.#wakeFeeder = resolve));
        // Leaving the loop ends the compressed stream as well.
        if (!this.#isOpen()) return;
        this.#room--;
        const request: InflateRequest = { kind: "chunk", stream: this.#id, chunk: piece };
        this.#worker.postMessage(request, [piece.buffer]);
      }
      this.#send({ kind: "end", stream: this.#id });
    } catch (error) {
      this.fail(error);
    }
  }

  /** The next filled slot; undefined at the end. */
  async next(): Promise<FilledSlot | undefined> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      const filled = this.#filled.shift();
      if (filled !== undefined || this.#state !== "open") return filled;
      // oxlint-disable-next-line no-await-in-loop
      await new Promise<void>((resolve) => (this.#wakeReader = resolve));
    }
  }

  view({ slot, length }: FilledSlot): Uint8Array {
    return new Uint8Array(this.#memory, slot * SLOT_BYTES, length);
  }

  release({ slot }: FilledSlot): void {
    this.#send({ kind: "free", stream: this.#id, slot });
  }

  hear(message: InflateAnswer): void {
    switch (message.kind) {
      case "more":
        this.#room++;
        return this.#wakeFeeder();
      case "filled":
        this.#filled.push(message);
        return this.#wakeReader();
      case "done":
        this.#state = "done";
        return this.#wakeAll();
      case "failed":
        return this.fail(new WaybillError(message.code, message.message, { hint: message.hint }));
    }
  }

  fail(error: unknown): void {
    this.#failure ??= error;
    this.#wakeAll();
  }

  /** Nobody wants more of it. */
  close(): void {
    if (this.#state === "open") this.#send({ kind: "cancel", stream: this.#id });
    this.#state = "closed";
    this.#wakeAll();
  }

  #isOpen(): boolean {
    return this.#state === "open" && this.#failure === undefined;
  }

  #wakeAll(): void {
    this.#wakeReader();
    this.#wakeFeeder();
  }

  #send(request: InflateRequest): void {
    this.#worker.postMessage(request);
  }
}
