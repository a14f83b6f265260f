import type { Unknown } from "#sbom/package.ts";

/** Collects stated gaps. A hostile image can have millions: those over the limit are counted, never dropped in silence. */
export interface GapList {
  readonly note: (gap: Unknown) => void;
  readonly list: () => readonly Unknown[];
}

export const createGapList = (max: number): GapList => {
  const gaps: Unknown[] = [];
  let further = 0;
  const note = (gap: Unknown): void => {
    if (gaps.length < max) gaps.push(gap);
    else further++;
  };
  const list = (): readonly Unknown[] =>
    further === 0 ? gaps : [...gaps, { path: "", layer: 0, reason: `${further} further gaps are not listed` }];
  return { note, list };
};
