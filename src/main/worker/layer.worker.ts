import { parentPort, threadId, workerData } from "node:worker_threads";
import { inflateTelling } from "#archive/inflate.ts";
import { asWaybillError } from "#core/errors.ts";
import { packKept } from "#main/worker/packKept.ts";
import { sharedLargeFiles } from "#main/worker/sharedLargeFiles.ts";
import type { LayerAnswer, LayerRequest } from "#main/worker/layerMessage.ts";
import { CATALOGERS } from "#sbom/catalogers.ts";
import type { LayerUsage } from "#sbom/layerScan.ts";
import { scanLayer } from "#sbom/scanLayer.ts";

// Reads layers for the main thread, which only carries their bytes here: zlib works in Node's thread pool, everything else on
// this thread.

const answer = (message: LayerAnswer, moved: readonly ArrayBuffer[] = []): void =>
  parentPort?.postMessage(message, [...moved]);

// The image's limits are the main thread's to watch; what a layer takes in between is little.
const REPORT_BYTES = 8 * 1024 * 1024;

const largeFiles = sharedLargeFiles(workerData as SharedArrayBuffer, threadId);

type StartRequest = Extract<LayerRequest, { kind: "start" }>;

class Layer {
  readonly #id: number;
  readonly #stop = new AbortController();
  readonly #chunks: Uint8Array[] = [];
  #ended = false;
  #reported = 0;
  #wakeReader = (): void => undefined;

  constructor(id: number) {
    this.#id = id;
  }

  async run({ job }: StartRequest): Promise<void> {
    const layer = this.#id;
    try {
      const scan = scanLayer(
        CATALOGERS,
        inflateTelling((chunk) => this.#giveBack(chunk)),
        largeFiles,
      );
      const found = packKept(await scan(this.#stop, this.#compressed(), job, (usage) => this.#report(usage)));
      answer({ kind: "done", layer, scan: found.scan }, found.buffers);
    } catch (thrown) {
      const { code, message, hint } = asWaybillError(thrown);
      answer({ kind: "failed", layer, code, message, hint });
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

  cancel(): void {
    this.#stop.abort();
    this.#wakeReader();
  }

  #report(usage: LayerUsage): void {
    if (usage.bytes - this.#reported < REPORT_BYTES) return;
    this.#reported = usage.bytes;
    answer({ kind: "used", layer: this.#id, usage });
  }

  /** Fresh memory for each chunk would be garbage on the main thread. A part of a chunk says nothing about the rest. */
  #giveBack({ buffer, byteLength }: Uint8Array): void {
    if (!(buffer instanceof ArrayBuffer) || buffer.byteLength !== byteLength || byteLength === 0) return;
    answer({ kind: "back", layer: this.#id, memory: buffer }, [buffer]);
  }

  async *#compressed(): AsyncGenerator<Uint8Array> {
    for (;;) {
      this.#stop.signal.throwIfAborted();
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) {
        answer({ kind: "more", layer: this.#id });
        yield chunk;
      } else if (this.#ended) return;
      else await new Promise<void>((resolve) => (this.#wakeReader = resolve));
    }
  }
}

const layers = new Map<number, Layer>();

const start = async (request: StartRequest): Promise<void> => {
  const layer = new Layer(request.layer);
  layers.set(request.layer, layer);
  await layer.run(request);
  layers.delete(request.layer);
};

parentPort?.on("message", (request: LayerRequest) => {
  if (request.kind === "start") {
    void start(request);
    return;
  }
  // One that is over may still be told something.
  const layer = layers.get(request.layer);
  switch (request.kind) {
    case "chunk":
      return layer?.take(request.chunk);
    case "end":
      return layer?.end();
    case "cancel":
      return layer?.cancel();
  }
});
