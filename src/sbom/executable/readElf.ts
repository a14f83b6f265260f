import { fieldReader } from "#sbom/executable/fieldReader.ts";
import type { FieldReader } from "#sbom/executable/fieldReader.ts";
import type { ProgramLayout, ProgramSegment, SectionTable } from "#sbom/executable/program.ts";

const PT_LOAD = 1;
const PF_X = 1;
const PF_W = 2;

/**
 * Reads the loadable segments from the start of an ELF file (System V ABI, "Program Header"); a file that cannot be run
 * has none. Undefined when the program headers are not all within these bytes (patchelf moves them) or make no sense.
 */
export const readElf = (head: Buffer): ProgramLayout | undefined => {
  const wide = head[4] === 2;
  if (head.length < 64 || (head[4] !== 1 && !wide) || (head[5] !== 1 && head[5] !== 2)) return undefined;
  const bigEndian = head[5] === 2;
  const read = fieldReader(head, wide, bigEndian);
  const table = read.word(wide ? 32 : 28);
  const entrySize = read.half(wide ? 54 : 42);
  const count = read.half(wide ? 56 : 44);
  const isWhole = table !== undefined && table + count * entrySize <= head.length;
  const isUsable = isWhole && entrySize >= (wide ? 56 : 32);
  if (count > 0 && (!isUsable || table === undefined)) return undefined;
  const segments: ProgramSegment[] = [];
  for (let index = 0; index < count; index++) {
    const segment = readSegment(read, (table ?? 0) + index * entrySize, wide);
    if (segment !== undefined) segments.push(segment);
  }
  const sectionTable = readSectionTable(read, wide);
  const layout = { pointerSize: wide ? 8 : 4, bigEndian, segments, sections: [] } as const;
  return sectionTable === undefined ? layout : { ...layout, sectionTable };
};

const readSegment = (read: FieldReader, at: number, wide: boolean): ProgramSegment | undefined => {
  const flags = read.int(at + (wide ? 4 : 24));
  const offset = read.word(at + (wide ? 8 : 4));
  const size = read.word(at + (wide ? 32 : 16));
  if (read.int(at) !== PT_LOAD || offset === undefined || size === undefined) return undefined;
  const data = (flags & (PF_W | PF_X)) === PF_W;
  return { offset, size, address: read.address(at + (wide ? 16 : 8)), data };
};

const readSectionTable = (read: FieldReader, wide: boolean): SectionTable | undefined => {
  const offset = read.word(wide ? 40 : 32) ?? 0;
  const entrySize = read.half(wide ? 58 : 46);
  const count = read.half(wide ? 60 : 48);
  // Files of more than 65 279 sections keep their number elsewhere and have a count of 0: object files, no programs.
  if (offset === 0 || count === 0 || entrySize < (wide ? 64 : 40)) return undefined;
  return { offset, size: count * entrySize, entrySize, count, names: read.half(wide ? 62 : 50) };
};
