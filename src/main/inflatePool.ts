import { Worker } from "node:worker_threads";
import type { Inflate, InflateJob } from "#archive/inflate.ts";
import { WaybillError } from "#core/errors.ts";
import { limit } from "#core/limit.ts";
import type { InflateAnswer, InflateRequest } from "#main/worker/inflateMessage.ts";
import { createMailbox } from "#main/worker/mailbox.ts";

/** Threads that inflate and hash, so that the main thread only reads archives. */
export interface InflatePool {
  readonly inflate: Inflate;
  /** Ends the threads; streams under way fail. */
  readonly close: () => Promise<void>;
}

// Beside the bundle's flat chunks the worker is a file of its own; from source it is where it is.
const WORKER_URL = new URL(
  import.meta.url.endsWith(".ts") ? "./worker/inflate.worker.ts" : "./inflate.worker.js",
  import.meta.url,
);

// Chunks on their way to a thread: enough that it never waits for the disk.
const AHEAD = 8;

/** Up to `width` streams at once, a thread each; threads start when they are needed and are used again. */
export const openInflatePool = (width: number): InflatePool => {
  const run = limit(width);
  const idle: Worker[] = [];
  const all = new Set<Worker>();
  const start = (): Worker => {
    // A small young generation has zlib's spent buffers collected soon: 65 MB less in two threads, and no slower.
    const worker = new Worker(WORKER_URL, { name: "inflate", resourceLimits: { maxYoungGenerationSizeMb: 1 } });
    // Who uses the thread hears of its failure; an idle one's must not end the program.
    worker.on("error", () => undefined);
    worker.once("exit", () => {
      all.delete(worker);
      if (idle.includes(worker)) idle.splice(idle.indexOf(worker), 1);
    });
    all.add(worker);
    return worker;
  };
  const inflate: Inflate = async function* (ctx, compressed, job) {
    const turn = await takeTurn(run);
    const worker = idle.pop() ?? start();
    let clean = false;
    try {
      yield* inflateIn(worker, ctx.signal, compressed, job);
      clean = true;
    } finally {
      // A thread that failed or was left in the middle may still be at work.
      if (clean) idle.push(worker);
      else await worker.terminate();
      turn.end();
    }
  };
  const close = async (): Promise<void> => {
    idle.length = 0;
    await Promise.all([...all].map((worker) => worker.terminate()));
  };
  return { inflate, close };
};

/** Holds a place under the limit from the first chunk to the last. */
const takeTurn = (run: ReturnType<typeof limit>): Promise<{ readonly end: () => void }> =>
  new Promise((resolve) => {
    void run(() => new Promise<void>((end) => resolve({ end })));
  });

async function* inflateIn(
  worker: Worker,
  signal: AbortSignal,
  compressed: AsyncIterable<Uint8Array>,
  job: InflateJob,
): AsyncGenerator<Uint8Array> {
  const answers = createMailbox<InflateAnswer>();
  const credits = createMailbox<true>();
  for (let free = 0; free < AHEAD; free++) credits.put(true);
  const listeners = listen(worker, signal, {
    answer: (message) => (message.kind === "taken" ? credits.put(true) : answers.put(message)),
    fail: (error) => {
      answers.fail(error);
      credits.fail(error);
    },
  });
  try {
    request(worker, { kind: "start", job });
    pump(worker, compressed, credits.take).catch(listeners.fail);
    for (;;) {
      const message = await answers.take();
      if (message.kind === "done") return;
      if (message.kind === "failed") throw new WaybillError(message.code, message.message, { hint: message.hint });
      if (message.kind !== "plain") continue;
      const { buffer, length } = message;
      yield new Uint8Array(buffer, 0, length);
      worker.postMessage({ kind: "buffer", buffer } satisfies InflateRequest, [buffer]);
    }
  } finally {
    listeners.end();
  }
}

/** Sends the compressed chunks, at most `AHEAD` before they are taken. */
const pump = async (
  worker: Worker,
  compressed: AsyncIterable<Uint8Array>,
  takeCredit: () => Promise<true>,
): Promise<void> => {
  for await (const bytes of compressed) {
    await takeCredit();
    request(worker, { kind: "chunk", bytes });
  }
  request(worker, { kind: "end" });
};

// Copies: the chunk belongs to whoever read it.
const request = (worker: Worker, message: InflateRequest): void => worker.postMessage(message);

interface Hearing {
  readonly answer: (message: InflateAnswer) => void;
  readonly fail: (error: unknown) => void;
}

interface Listeners {
  readonly fail: (error: unknown) => void;
  /** Stops listening; whoever still waits is told that nobody wants the stream any more. */
  readonly end: () => void;
}

const listen = (worker: Worker, signal: AbortSignal, { answer, fail }: Hearing): Listeners => {
  const onExit = (): void => fail(new WaybillError("ABORTED", "the inflating thread was ended"));
  const onError = (cause: unknown): void =>
    fail(new WaybillError("INTERNAL", "the inflating thread failed", { cause }));
  const onAbort = (): void => fail(signal.reason);
  worker.on("message", answer).on("error", onError).on("exit", onExit);
  signal.addEventListener("abort", onAbort);
  if (signal.aborted) onAbort();
  const end = (): void => {
    worker.off("message", answer).off("error", onError).off("exit", onExit);
    signal.removeEventListener("abort", onAbort);
    onExit();
  };
  return { fail, end };
};
