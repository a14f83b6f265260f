/** Sizes and place of an entry, as 32 bits state them. */
export interface ZipSizes {
  readonly size: number;
  readonly compressedSize: number;
  readonly offset: number;
}

const ZIP64 = 0x0001;
const FULL = 0xffffffff;

/** The same with what the zip64 extra field says where 32 bits do not suffice (APPNOTE 4.5.3: only such fields, in this order). */
export const widenSizes = (stated: ZipSizes, extra: Buffer): ZipSizes => {
  const fields = (["size", "compressedSize", "offset"] as const).filter((field) => stated[field] === FULL);
  if (fields.length === 0) return stated;
  for (let at = 0; at + 4 <= extra.length;) {
    const end = at + 4 + extra.readUInt16LE(at + 2);
    if (extra.readUInt16LE(at) === ZIP64 && end <= extra.length)
      return { ...stated, ...readWide(extra, at + 4, end, fields) };
    at = end;
  }
  return stated;
};

const readWide = (
  extra: Buffer,
  start: number,
  end: number,
  fields: readonly (keyof ZipSizes)[],
): Partial<ZipSizes> => {
  const wide: Partial<Record<keyof ZipSizes, number>> = {};
  for (const [index, field] of fields.entries()) {
    const at = start + 8 * index;
    if (at + 8 <= end) wide[field] = Number(extra.readBigUInt64LE(at));
  }
  return wide;
};
