import { Worker } from "node:worker_threads";
import { WaybillError } from "#core/errors.ts";
import { CHUNKS_AHEAD } from "#main/worker/layerMessage.ts";
import { leaveFor } from "#main/worker/sharedLargeFiles.ts";
import type { LayerAnswer, LayerRequest } from "#main/worker/layerMessage.ts";
import type { LayerScan, LayerUsage } from "#sbom/layerScan.ts";
import type { LayerJob, ScanLayer } from "#sbom/scanLayer.ts";

/** A thread that reads layers: it inflates, hashes, unpacks and captures, and the main thread gets what is worth keeping. */
export interface LayerThread {
  readonly scanLayer: ScanLayer;
  readonly isBusy: () => boolean;
  /** It has died, and reads nothing any more. */
  readonly isLost: () => boolean;
  /** Ends the thread; layers under way fail with ABORTED. */
  readonly close: () => Promise<void>;
}

// Beside the bundle's flat chunks the worker is a file of its own; from source it is where it is.
export const LAYER_WORKER = new URL(
  import.meta.url.endsWith(".ts") ? "./worker/layer.worker.ts" : "./layer.worker.js",
  import.meta.url,
);

/** Starts a thread that reads layers; `shared` is memory of all threads that take turns with large files. */
export const startLayerThread = (shared: SharedArrayBuffer): LayerThread => {
  const worker = new Worker(LAYER_WORKER, { name: "layer", workerData: shared });
  const { threadId } = worker;
  const layers = new Map<number, Layer>();
  let failure: WaybillError | undefined;
  let count = 0;
  const failAll = (error: WaybillError): void => {
    failure ??= error;
    for (const layer of layers.values()) layer.fail(failure);
  };
  worker.on("message", (message: LayerAnswer) => layers.get(message.layer)?.hear(message));
  worker.on("error", (cause) =>
    failAll(new WaybillError("INTERNAL", "the thread that reads layers failed", { cause })),
  );
  worker.on("exit", () => {
    leaveFor(shared, threadId);
    failAll(new WaybillError("ABORTED", "the thread that reads layers was ended"));
  });
  const scanLayer: ScanLayer = async ({ signal }, compressed, job, report) => {
    if (failure !== undefined) throw failure;
    const id = count++;
    const layer = new Layer(worker, id, job, report);
    layers.set(id, layer);
    const abort = (): void => layer.fail(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    try {
      if (signal.aborted) abort();
      // The blob is read to its end, where its digest is checked, before its facts are believed.
      const [scan] = await Promise.all([layer.done, layer.feed(compressed)]);
      return scan;
    } finally {
      signal.removeEventListener("abort", abort);
      layer.close();
      layers.delete(id);
    }
  };
  const close = async (): Promise<void> => {
    await worker.terminate();
  };
  return { scanLayer, isBusy: () => layers.size > 0, isLost: () => failure !== undefined, close };
};

// Each piece costs a turn through zlib's thread, which for what a network gives at once is a fifth of all the work.
const PIECE_BYTES = 1024 * 1024;

/** The bytes in few large pieces that may be given away; the giver's chunks may be parts of something larger. */
async function* gather(
  chunks: AsyncIterable<Uint8Array>,
  takePiece: () => Buffer<ArrayBuffer>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let piece = takePiece();
  let filled = 0;
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.byteLength;) {
      const part = chunk.subarray(at, at + PIECE_BYTES - filled);
      piece.set(part, filled);
      at += part.byteLength;
      filled += part.byteLength;
      if (filled < PIECE_BYTES) continue;
      yield piece;
      piece = takePiece();
      filled = 0;
    }
  }
  if (filled > 0) yield piece.subarray(0, filled);
}

/** One layer as the asking side sees it. */
class Layer {
  readonly done: Promise<LayerScan>;
  readonly #worker: Worker;
  readonly #id: number;
  readonly #report: (usage: LayerUsage) => void;
  /** Memory of pieces that came back. */
  readonly #spare: ArrayBuffer[] = [];
  /** Chunks that the thread has room for. */
  #room = CHUNKS_AHEAD;
  #state: "open" | "done" | "failed" = "open";
  #resolve: (scan: LayerScan) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;
  #wakeFeeder = (): void => undefined;

  constructor(worker: Worker, id: number, job: LayerJob, report: (usage: LayerUsage) => void) {
    this.#worker = worker;
    this.#id = id;
    this.#report = report;
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Feeding may fail first; then nobody waits for this any more.
    this.done.catch(() => undefined);
    this.#send({ kind: "start", layer: id, job });
  }

  /** Sends the compressed bytes as the thread takes them; their failure is thrown. */
  async feed(compressed: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const piece of gather(compressed, () => this.#takePiece())) {
      while (this.#room === 0 && this.#state === "open")
        await new Promise<void>((resolve) => (this.#wakeFeeder = resolve));
      // Leaving the loop ends the compressed stream as well.
      if (this.#state !== "open") return;
      this.#room--;
      const request: LayerRequest = { kind: "chunk", layer: this.#id, chunk: piece };
      this.#worker.postMessage(request, [piece.buffer]);
    }
    this.#send({ kind: "end", layer: this.#id });
  }

  hear(message: LayerAnswer): void {
    switch (message.kind) {
      case "more":
        this.#room++;
        return this.#wakeFeeder();
      case "back":
        return void this.#spare.push(message.memory);
      case "used":
        return this.#count(message.usage);
      case "done":
        this.#count(message.scan.usage);
        if (this.#state !== "open") return;
        this.#state = "done";
        this.#resolve(message.scan);
        return this.#wakeFeeder();
      case "failed":
        return this.fail(new WaybillError(message.code, message.message, { hint: message.hint }));
    }
  }

  fail(error: unknown): void {
    if (this.#state !== "open") return;
    this.#state = "failed";
    this.#reject(error);
    this.#wakeFeeder();
  }

  /** Nobody wants more of it. */
  close(): void {
    if (this.#state === "open") this.#state = "failed";
    if (this.#state === "failed") this.#send({ kind: "cancel", layer: this.#id });
    this.#wakeFeeder();
  }

  #takePiece(): Buffer<ArrayBuffer> {
    const memory = this.#spare.pop();
    return memory === undefined ? Buffer.allocUnsafeSlow(PIECE_BYTES) : Buffer.from(memory);
  }

  /** What is over a limit of the image ends the layer. */
  #count(usage: LayerUsage): void {
    try {
      this.#report(usage);
    } catch (error) {
      this.fail(error);
    }
  }

  #send(request: LayerRequest): void {
    this.#worker.postMessage(request);
  }
}
