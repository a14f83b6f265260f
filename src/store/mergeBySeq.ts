interface Numbered {
  readonly seq: number;
}

/**
 * The first `limit` rows of two lists that are in this order of `seq`. Asked for both at once, with "in" or a union, databases
 * sort all that the two have; each alone is a short walk along an index.
 */
export const mergeBySeq = <T extends Numbered>(
  own: readonly T[],
  common: readonly T[],
  { order, limit }: { readonly order: "asc" | "desc"; readonly limit: number },
): readonly T[] =>
  [...own, ...common].toSorted((a, b) => (order === "asc" ? a.seq - b.seq : b.seq - a.seq)).slice(0, limit);
