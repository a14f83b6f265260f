import { Worker } from "node:worker_threads";
import { currentInput, sharedInput } from "./currentInput.ts";
import type { FuzzOrder, FuzzOutcome } from "./fuzzMessage.ts";

export interface FuzzLimits {
  /** For one input, of which honest ones take a millisecond, on a machine that does other things too. */
  readonly deadline: number;
  /** Bytes of the whole process. */
  readonly maxResident: number;
  readonly maxHeapMiB: number;
}

export const FUZZ_LIMITS: FuzzLimits = { deadline: 10_000, maxResident: 3 * 1024 ** 3, maxHeapMiB: 1024 };

// The thread has loaded its target by then.
const START = 60_000;
const POLL = 100;

/** Runs a target in a thread of its own and watches it: a thread that hangs, swells or dies is a failure of its input. */
export const runTarget = (order: Omit<FuzzOrder, "shared">, limits: FuzzLimits = FUZZ_LIMITS): Promise<FuzzOutcome> => {
  const shared = sharedInput();
  const current = currentInput(shared);
  const worker = new Worker(new URL("fuzz.worker.ts", import.meta.url), {
    workerData: { ...order, shared } satisfies FuzzOrder,
    resourceLimits: { maxOldGenerationSizeMb: limits.maxHeapMiB },
  });
  return new Promise((resolve) => {
    let settled = false;
    const settle = (outcome: FuzzOutcome): void => {
      // Ending the thread makes it say that it ended.
      if (settled) return;
      settled = true;
      clearInterval(watch);
      void worker.terminate().then(() => resolve(outcome));
    };
    const fail = (reason: string): void =>
      settle({ kind: "failed", reason, input: current.get(), inputs: current.count() });
    const watch = setInterval(watcher(current.count, limits, fail), POLL);
    worker.once("message", settle);
    worker.once("error", (error) => fail(`the thread died: ${String(error)}`));
    worker.once("exit", (code) => fail(`the thread ended with ${code}`));
  });
};

const watcher = (count: () => number, limits: FuzzLimits, fail: (reason: string) => void): (() => void) => {
  let seen = 0;
  let since = performance.now();
  return () => {
    if (count() !== seen) since = performance.now();
    seen = count();
    const waited = performance.now() - since;
    if (waited > (seen === 0 ? START : limits.deadline)) fail(`no end after ${Math.round(waited / 1000)} seconds`);
    const resident = process.memoryUsage.rss();
    if (resident > limits.maxResident) fail(`the process has ${Math.round(resident / 2 ** 20)} MiB`);
  };
};
