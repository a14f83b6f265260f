import { getHeapStatistics } from "node:v8";
import { hasCode } from "#core/errors.ts";
import type { FuzzTarget } from "./fuzzTarget.ts";

export type Judgement = "accepted" | "refused" | { readonly failure: string };

// Inputs have a megabyte at most; what a reader makes of one may be a multiple, not this.
const MAX_GROWTH = 256 * 1024 * 1024;

/** Runs one input: read, refused with a code that says so, or a failure. */
export const judgeInput = async (target: FuzzTarget, input: Uint8Array): Promise<Judgement> => {
  const before = memory();
  let outcome: Judgement = "accepted";
  try {
    await target.run(input);
  } catch (thrown) {
    // Exactly what the catalogers' callers turn into a stated gap or a refused image.
    const refused = hasCode(thrown, "INPUT_INVALID", "LIMIT_EXCEEDED", "IMAGE_REFUSED");
    outcome = refused ? "refused" : { failure: describe(thrown) };
  }
  const growth = memory() - before;
  if (growth > MAX_GROWTH) return { failure: `${Math.round(growth / 2 ** 20)} MiB more memory after one input` };
  return outcome;
};

const memory = (): number => {
  const { used_heap_size: heap, external_memory: outside } = getHeapStatistics();
  return heap + outside;
};

const describe = (thrown: unknown): string =>
  thrown instanceof Error ? (thrown.stack ?? thrown.message) : `${typeof thrown} thrown: ${String(thrown)}`;
