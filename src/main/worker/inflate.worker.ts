import { parentPort } from "node:worker_threads";
import { inflateInline } from "#archive/inflate.ts";
import type { InflateJob } from "#archive/inflate.ts";
import { asWaybillError } from "#core/errors.ts";
import type { InflateAnswer, InflateRequest } from "#main/worker/inflateMessage.ts";
import { createMailbox } from "#main/worker/mailbox.ts";

// Buffers travel to the pool and back, so that memory is bounded and nothing is allocated while the work goes on.
const BUFFER_BYTES = 256 * 1024;
const BUFFERS = 8;

const port = parentPort;
const never = new AbortController().signal;
const buffers = createMailbox<ArrayBuffer>();
for (let made = 0; made < BUFFERS; made++) buffers.put(new ArrayBuffer(BUFFER_BYTES));

const answer = (message: InflateAnswer, transfer: readonly ArrayBuffer[] = []): void =>
  port?.postMessage(message, transfer);

let input = createMailbox<Uint8Array | "end">();

async function* compressed(): AsyncGenerator<Uint8Array> {
  for (let chunk = await input.take(); chunk !== "end"; chunk = await input.take()) {
    answer({ kind: "taken" });
    yield chunk;
  }
}

const send = async (chunk: Uint8Array): Promise<void> => {
  for (let at = 0; at < chunk.byteLength; at += BUFFER_BYTES) {
    const part = chunk.subarray(at, at + BUFFER_BYTES);
    // One after another: the bytes have an order.
    // oxlint-disable-next-line no-await-in-loop
    const buffer = await buffers.take();
    new Uint8Array(buffer).set(part);
    answer({ kind: "plain", buffer, length: part.byteLength }, [buffer]);
  }
};

const run = async (job: InflateJob): Promise<void> => {
  try {
    for await (const chunk of inflateInline({ signal: never }, compressed(), job)) await send(chunk);
    answer({ kind: "done" });
  } catch (error) {
    const { code, message, hint } = asWaybillError(error);
    answer({ kind: "failed", code, message, hint });
  }
};

port?.on("message", (request: InflateRequest) => {
  switch (request.kind) {
    case "start":
      input = createMailbox();
      void run(request.job);
      return;
    case "chunk":
      return input.put(request.bytes);
    case "end":
      return input.put("end");
    case "buffer":
      return buffers.put(request.buffer);
  }
});
