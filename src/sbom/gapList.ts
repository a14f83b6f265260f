/** Collects stated gaps. A hostile image can have millions: those over the limit are counted, never dropped in silence. */
export interface GapList<T> {
  readonly note: (gap: T) => void;
  readonly list: () => readonly (T | FurtherGaps)[];
}

/** Stands for all gaps over the limit. */
interface FurtherGaps {
  readonly path: "";
  readonly layer: 0;
  readonly reason: string;
}

export const createGapList = <T>(max: number): GapList<T> => {
  const gaps: T[] = [];
  let further = 0;
  const note = (gap: T): void => {
    if (gaps.length < max) gaps.push(gap);
    else further++;
  };
  const list = (): readonly (T | FurtherGaps)[] =>
    further === 0 ? gaps : [...gaps, { path: "", layer: 0, reason: `${further} further gaps are not listed` }];
  return { note, list };
};
