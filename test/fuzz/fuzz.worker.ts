import { parentPort, workerData } from "node:worker_threads";
import { currentInput } from "./currentInput.ts";
import type { FuzzOrder, FuzzOutcome } from "./fuzzMessage.ts";
import type { FuzzTarget } from "./fuzzTarget.ts";
import { judgeInput } from "./judgeInput.ts";
import { mutateBytes } from "./mutateBytes.ts";
import { pick, seededRandom } from "./seededRandom.ts";
import type { Random } from "./seededRandom.ts";
import { shrinkInput } from "./shrinkInput.ts";

// Runs one target until its time is over or an input fails. An input depends on the seed and its number alone.

const SHRINKS = 300;
const MAX_BYTES = 4 * 1024 * 1024;

const order = workerData as FuzzOrder;
const { target } = (await import(order.target)) as { readonly target: FuzzTarget };
const current = currentInput(order.shared);
const seeds = target.seeds();

const changed = (index: number): Uint8Array => {
  const random = seededRandom(Math.imul(order.seed, 0x9e3779b1) + index);
  const seed = pick(random, seeds);
  const known = target.mutate !== undefined && random() < 0.75;
  const input = known ? mutateKnown(random, seed, index) : mutateBytes(random, seed);
  return input.subarray(0, MAX_BYTES);
};

const mutateKnown = (random: Random, seed: Uint8Array, index: number): Uint8Array => {
  try {
    return target.mutate?.(random, Uint8Array.from(seed)) ?? seed;
  } catch (cause) {
    throw new Error(`mutate itself fails at input ${index}: ${String(cause)}`, { cause });
  }
};

function* inputs(): Generator<Uint8Array> {
  yield* order.regressions;
  yield* seeds;
  const end = performance.now() + order.milliseconds;
  for (let index = 0; performance.now() < end; index++) yield changed(index);
}

const run = async (): Promise<FuzzOutcome> => {
  let accepted = 0;
  for (const input of inputs()) {
    current.set(input);
    const judgement = await judgeInput(target, input);
    if (typeof judgement === "object") return failed(input, judgement.failure);
    if (judgement === "accepted") accepted++;
  }
  return { kind: "done", inputs: current.count(), accepted };
};

const failed = async (input: Uint8Array, reason: string): Promise<FuzzOutcome> => {
  const inputsSoFar = current.count();
  const [first] = reason.split("\n");
  const fails = async (smaller: Uint8Array): Promise<boolean> => {
    current.set(smaller);
    const judgement = await judgeInput(target, smaller);
    return typeof judgement === "object" && judgement.failure.split("\n")[0] === first;
  };
  return { kind: "failed", reason, input: await shrinkInput(input, fails, SHRINKS), inputs: inputsSoFar };
};

parentPort?.postMessage(await run());
