/** The next number in [0, 1). */
export type Random = () => number;

/** Mulberry32: small, fast, and the same numbers for the same seed on every machine. */
export const seededRandom = (seed: number): Random => {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

/** A whole number from 0 to `limit` - 1; 0 where the limit is 0. */
export const below = (random: Random, limit: number): number => Math.floor(random() * limit);

/** One of a list that is not empty. */
export const pick = <T>(random: Random, list: readonly T[]): T => {
  const chosen = list[below(random, list.length)];
  if (chosen === undefined) throw new TypeError("nothing to choose from");
  return chosen;
};
