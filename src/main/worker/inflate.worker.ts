import { parentPort } from "node:worker_threads";
import { inflateOwned } from "#archive/inflate.ts";
import { asWaybillError } from "#core/errors.ts";
import { SLOTS, SLOT_BYTES } from "#main/worker/inflateMessage.ts";
import type { InflateAnswer, InflateRequest } from "#main/worker/inflateMessage.ts";

// Inflates and hashes what the main thread sends, several streams at once: zlib works in Node's thread pool, hashes here.

const answer = (message: InflateAnswer): void => parentPort?.postMessage(message);

type StartRequest = Extract<InflateRequest, { kind: "start" }>;

class Stream {
  readonly #id: number;
  readonly #memory: SharedArrayBuffer;
  readonly #stop = new AbortController();
  readonly #chunks: Uint8Array[] = [];
  readonly #free = Array.from({ length: SLOTS }, (_, slot) => slot);
  #ended = false;
  #wakeReader = (): void => undefined;
  #wakeWriter = (): void => undefined;

  constructor({ stream, memory }: StartRequest) {
    this.#id = stream;
    this.#memory = memory;
  }

  async run({ job }: StartRequest): Promise<void> {
    const stream = this.#id;
    try {
      for await (const chunk of inflateOwned(this.#stop, this.#compressed(), job)) await this.#give(chunk);
      answer({ kind: "done", stream });
    } catch (thrown) {
      const { code, message, hint } = asWaybillError(thrown);
      answer({ kind: "failed", stream, code, message, hint });
    }
  }

  take(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#wakeReader();
  }

  end(): void {
    this.#ended = true;
    this.#wakeReader();
  }

  release(slot: number): void {
    this.#free.push(slot);
    this.#wakeWriter();
  }

  cancel(): void {
    this.#stop.abort();
    this.#wakeReader();
    this.#wakeWriter();
  }

  async *#compressed(): AsyncGenerator<Uint8Array> {
    for (;;) {
      this.#stop.signal.throwIfAborted();
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) {
        answer({ kind: "more", stream: this.#id });
        yield chunk;
      } else if (this.#ended) return;
      else await new Promise<void>((resolve) => (this.#wakeReader = resolve));
    }
  }

  async #give(chunk: Uint8Array): Promise<void> {
    for (let at = 0; at < chunk.byteLength;) {
      const slot = this.#free.pop();
      if (slot === undefined) {
        // One after another: the bytes have an order.
        // oxlint-disable-next-line no-await-in-loop
        await new Promise<void>((resolve) => (this.#wakeWriter = resolve));
        this.#stop.signal.throwIfAborted();
        continue;
      }
      const length = Math.min(SLOT_BYTES, chunk.byteLength - at);
      new Uint8Array(this.#memory, slot * SLOT_BYTES, length).set(chunk.subarray(at, at + length));
      answer({ kind: "filled", stream: this.#id, slot, length });
      at += length;
    }
  }
}

const streams = new Map<number, Stream>();

const start = async (request: StartRequest): Promise<void> => {
  const stream = new Stream(request);
  streams.set(request.stream, stream);
  await stream.run(request);
  streams.delete(request.stream);
};

parentPort?.on("message", (request: InflateRequest) => {
  if (request.kind === "start") {
    void start(request);
    return;
  }
  // One that is over may still be told something.
  const stream = streams.get(request.stream);
  switch (request.kind) {
    case "chunk":
      return stream?.take(request.chunk);
    case "end":
      return stream?.end();
    case "free":
      return stream?.release(request.slot);
    case "cancel":
      return stream?.cancel();
  }
});
