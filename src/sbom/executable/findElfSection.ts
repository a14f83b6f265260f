import { fieldReader } from "#sbom/executable/fieldReader.ts";
import type { FieldReader } from "#sbom/executable/fieldReader.ts";
import type { FileRange, ProgramLayout, SectionTable } from "#sbom/executable/program.ts";

const SHT_NOBITS = 8;
const NO_BYTES: FileRange = { offset: 0, size: 0 };

/**
 * Finds a section of an ELF file by its name (System V ABI, "Sections"), given the section headers and a way to look at
 * other bytes of the file. Undefined when there is none, "unseen" when the names cannot be looked at.
 */
export const findElfSection = (
  layout: ProgramLayout & { readonly sectionTable: SectionTable },
  bytesAt: (range: FileRange) => Buffer | undefined,
  name: string,
): FileRange | "unseen" | undefined => {
  const { sectionTable, pointerSize, bigEndian } = layout;
  const headers = bytesAt(sectionTable);
  if (headers === undefined) return "unseen";
  if (sectionTable.names >= sectionTable.count) return undefined;
  const wide = pointerSize === 8;
  const read = fieldReader(headers, wide, bigEndian);
  const names = bytesAt(rangeOf(read, sectionTable.names * sectionTable.entrySize, wide));
  if (names === undefined) return "unseen";
  const wanted = Buffer.from(`${name}\0`, "latin1");
  for (let index = 1; index < sectionTable.count; index++) {
    const at = index * sectionTable.entrySize;
    const start = read.int(at);
    if (read.int(at + 4) === SHT_NOBITS || start + wanted.length > names.length) continue;
    if (names.compare(wanted, 0, wanted.length, start, start + wanted.length) === 0) return rangeOf(read, at, wide);
  }
  return undefined;
};

const rangeOf = (read: FieldReader, at: number, wide: boolean): FileRange => {
  const offset = read.word(at + (wide ? 24 : 16));
  const size = read.word(at + (wide ? 32 : 20));
  return offset === undefined || size === undefined ? NO_BYTES : { offset, size };
};
