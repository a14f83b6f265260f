/** Where a tile stands: the hashes of whole subtrees of 256^level leaves, 256 at a time (C2SP tlog-tiles). */
export interface TilePlace {
  readonly level: number;
  readonly index: bigint;
  /** Hashes in it, 1 to 256; a partial tile has fewer than 256. */
  readonly width: number;
}

/** Such as `tile/0/x001/234.p/112`. */
export const tilePath = ({ level, index, width }: TilePlace): string => `tile/${level}/${place(index, width)}`;

/** Where the entries of a tile of level 0 stand, such as `tile/entries/x001/234.p/112`. */
export const entriesPath = ({ index, width }: Pick<TilePlace, "index" | "width">): string =>
  `tile/entries/${place(index, width)}`;

/** The index in groups of three digits, all but the last with an `x`, so that no directory holds more than a thousand. */
const place = (index: bigint, width: number): string => {
  const digits = index.toString();
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, "0").match(/\d{3}/g) ?? [];
  return groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join("/") + suffix(width);
};

const suffix = (width: number): string => (width === FULL ? "" : `.p/${width}`);

const FULL = 256;
const HEIGHT = 8n;

/**
 * The tiles that a tree needs which grew from `from` to `to` leaves: those that got full, and the partial ones at its edge.
 * From 0: all tiles of the tree.
 */
export const tilesOf = (to: bigint, from = 0n): readonly TilePlace[] => {
  const places: TilePlace[] = [];
  for (let level = 0; to >> (HEIGHT * BigInt(level)) > 0n; level++) {
    const [before, after] = [from, to].map((size) => size >> (HEIGHT * BigInt(level))) as [bigint, bigint];
    if (before === after) continue;
    for (let index = before >> HEIGHT; index < after >> HEIGHT; index++) places.push({ level, index, width: FULL });
    const width = Number(after & 0xffn);
    if (width > 0) places.push({ level, index: after >> HEIGHT, width });
  }
  return places;
};
