import { WaybillError } from "#core/errors.ts";
import { findElfSection } from "#sbom/executable/findElfSection.ts";
import type { FileRange, Program, ProgramLayout, SectionTable } from "#sbom/executable/program.ts";
import type { ProgramSearch } from "#sbom/executable/programReducer.ts";
import { rangeCollector } from "#sbom/executable/rangeCollector.ts";
import { readCrates } from "#sbom/rust/readCrates.ts";
import type { Crate } from "#sbom/rust/readCrates.ts";

type Search = ProgramSearch<readonly Crate[]>;

const SECTION = ".dep-v0";
// Compressed lists of crates have a few KiB.
const MAX_SECTION = 1024 * 1024;
// Section headers, names and debug information: nothing of it is loaded.
const MAX_TAIL = 32 * 1024 * 1024;

/**
 * Finds the list of crates that cargo-auditable puts into a program, as section `.dep-v0`. In PE and Mach-O files the
 * headers say where it is. ELF files have their section headers at the end, and the section is not loaded (it has no flag
 * SHF_ALLOC): what follows the loaded segments is kept until the headers are there. LIMIT_EXCEEDED when that is too much
 * to keep or the section too large; INPUT_INVALID when it cannot be read.
 */
export const auditableSearch = ({ layout, size }: Program): Search | undefined => {
  // A file without segments is an object file or a kernel module: no program.
  if (layout === undefined || layout.segments.length === 0) return undefined;
  const { sectionTable } = layout;
  if (sectionTable !== undefined) return searchTail({ ...layout, sectionTable }, size);
  const section = layout.sections.find(({ name }) => name === SECTION);
  return section === undefined ? undefined : searchRange(section);
};

const searchRange = (section: FileRange): Search => {
  const end = section.offset + section.size;
  const collector = rangeCollector({ offset: section.offset, size: Math.min(section.size, MAX_SECTION) });
  return {
    add: (chunk, position) => {
      collector.add(chunk, position);
      return position + chunk.length < end;
    },
    finish: () => readSection(section, collector.bytesAt),
  };
};

const searchTail = (
  layout: ProgramLayout & { readonly sectionTable: SectionTable },
  size: number,
): Search | undefined => {
  const { segments, sectionTable } = layout;
  const start = segments.reduce((end, one) => Math.max(end, one.offset + one.size), 0);
  // Go's own linker writes the headers first; it links no crates.
  if (sectionTable.offset < start) return undefined;
  const tail = { offset: start, size: Math.max(0, size - start) };
  const collector = rangeCollector({ ...tail, size: Math.min(tail.size, MAX_TAIL) });
  // Of a program with more debug information than that, the headers at its end still tell whether there is a section.
  const table = rangeCollector(sectionTable);
  const bytesAt = (range: FileRange): Buffer | undefined => collector.bytesAt(range) ?? table.bytesAt(range);
  return {
    add: (chunk, position) => {
      collector.add(chunk, position);
      if (tail.size > MAX_TAIL) table.add(chunk, position);
      return true;
    },
    finish: () => {
      const section = findElfSection(layout, bytesAt, SECTION);
      if (section === "unseen") return refuseTail(tail.size);
      return section === undefined ? undefined : readSection(section, bytesAt);
    },
  };
};

// A file that is cut off has no section headers; it cannot be run either.
const refuseTail = (size: number): undefined => {
  if (size <= MAX_TAIL) return undefined;
  throw new WaybillError("LIMIT_EXCEEDED", `crates are not looked for behind ${MAX_TAIL} bytes of debug information`);
};

const readSection = (section: FileRange, bytesAt: (range: FileRange) => Buffer | undefined): readonly Crate[] => {
  if (section.size > MAX_SECTION)
    throw new WaybillError("LIMIT_EXCEEDED", `list of crates of more than ${MAX_SECTION} compressed bytes`);
  const bytes = bytesAt(section);
  if (bytes === undefined) throw new WaybillError("INPUT_INVALID", "list of crates that cannot be read: it is cut off");
  return readCrates(bytes);
};
