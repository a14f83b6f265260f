import type { Reducer } from "#sbom/cataloger.ts";
import { reduceWhole } from "#sbom/reduceWhole.ts";

/** Keeps a file as it is; LIMIT_EXCEEDED names `what` when it has, or announces, more than `cap` bytes. */
export const keepWhole = (announced: number, cap: number, what: string): Reducer =>
  reduceWhole(announced, cap, what, (bytes) => bytes);
