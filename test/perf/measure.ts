/** One line of the table: what was measured, against what, and what it should be. */
export interface Line {
  readonly name: string;
  readonly ours: number;
  readonly theirs: number;
  readonly unit: "ms" | "MiB" | "bytes";
  /** `faster`: theirs / ours, at least the goal. `share`: ours / theirs, at most the goal. */
  readonly kind: "faster" | "share";
  readonly ratio: number;
  readonly goal: number;
  readonly note: string;
}

export type Task = () => Promise<void>;

export const isMet = (line: Line): boolean =>
  line.kind === "faster" ? line.ratio >= line.goal : line.ratio <= line.goal;

const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? 0)) / 2;
};

/** Milliseconds that a task takes. */
const time = async (task: Task): Promise<number> => {
  const start = performance.now();
  await task();
  return performance.now() - start;
};

export interface Comparison {
  readonly ours: number;
  readonly theirs: number;
  readonly oursToTheirs: number;
}

/**
 * Runs two tasks in turn, so that whatever else the machine does hits both, and swaps who begins. The ratio is the median
 * of the pairs' ratios, not the ratio of the medians.
 */
export const compare = (
  runs: number,
  ours: (run: number) => Promise<void>,
  theirs: (run: number) => Promise<void>,
): Promise<Comparison> =>
  compareCosts(
    runs,
    (run) => time(() => ours(run)),
    (run) => time(() => theirs(run)),
  );

/** The same for tasks that say themselves what they cost. */
export const compareCosts = async (
  runs: number,
  ours: (run: number) => Promise<number>,
  theirs: (run: number) => Promise<number>,
): Promise<Comparison> => {
  const pairs: { readonly ours: number; readonly theirs: number }[] = [];
  for (let run = 0; run < runs; run++) {
    if (run % 2 === 0) {
      const first = await ours(run);
      pairs.push({ ours: first, theirs: await theirs(run) });
    } else {
      const first = await theirs(run);
      pairs.push({ theirs: first, ours: await ours(run) });
    }
  }
  return {
    ours: median(pairs.map((pair) => pair.ours)),
    theirs: median(pairs.map((pair) => pair.theirs)),
    oursToTheirs: median(pairs.map((pair) => pair.ours / pair.theirs)),
  };
};
