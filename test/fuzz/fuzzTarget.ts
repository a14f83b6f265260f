import type { Random } from "./seededRandom.ts";

/** A parser of strangers' bytes, with inputs to start from. Each lies in a file of its own in `targets/`, as `target`. */
export interface FuzzTarget {
  /** That of its file, and of its folder in `regressions/`. */
  readonly name: string;
  /** Well-formed inputs, small: what changes at random should mostly get far. */
  readonly seeds: () => readonly Uint8Array[];
  /** A change that knows the format: counts, offsets, lengths, checksums. Without it, and now and then besides it, any bytes change. */
  readonly mutate?: (random: Random, seed: Uint8Array) => Uint8Array;
  /** Feeds the parser, and throws where something beyond "no crash" that must hold does not. */
  readonly run: (bytes: Uint8Array) => void | Promise<void>;
}
