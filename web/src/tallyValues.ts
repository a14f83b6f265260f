/** How many rows have a value. */
export interface Tally {
  readonly value: string;
  readonly count: number;
}

/** The values that `rows` have, each row any number of them, the most frequent first, then by name. */
export const tallyValues = <T>(rows: readonly T[], read: (row: T) => readonly string[]): readonly Tally[] => {
  const counts = new Map<string, number>();
  for (const row of rows) {
    for (const value of new Set(read(row))) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .toSorted((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
};
