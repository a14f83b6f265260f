import type { FileRange } from "#sbom/executable/program.ts";

const UNIVERSAL = 0xcafebabe;
const UNIVERSAL_64 = 0xcafebabf;
// A Java class begins with the same four bytes; its version follows, 45 or more, where the number of slices would be.
const MAX_SLICES = 30;

/**
 * The programs in a universal Mach-O file (`mach-o/fat.h`), in file order; undefined when it is none, when slices overlap,
 * or when the headers are not within these bytes.
 */
export const readUniversal = (head: Buffer): readonly FileRange[] | undefined => {
  const magic = head.length < 8 ? 0 : head.readUInt32BE(0);
  if (magic !== UNIVERSAL && magic !== UNIVERSAL_64) return undefined;
  const count = head.readUInt32BE(4);
  const entry = magic === UNIVERSAL ? 20 : 32;
  const end = 8 + count * entry;
  if (count === 0 || count > MAX_SLICES || end > head.length) return undefined;
  const slices = Array.from({ length: count }, (_, index) => {
    const at = 8 + index * entry;
    if (magic === UNIVERSAL) return { offset: head.readUInt32BE(at + 8), size: head.readUInt32BE(at + 12) };
    return { offset: Number(head.readBigUInt64BE(at + 8)), size: Number(head.readBigUInt64BE(at + 16)) };
  }).toSorted((a, b) => a.offset - b.offset);
  const isApart = slices.every(({ offset }, index) => {
    const before = slices[index - 1];
    return offset >= (before === undefined ? end : before.offset + before.size);
  });
  return isApart ? slices : undefined;
};
