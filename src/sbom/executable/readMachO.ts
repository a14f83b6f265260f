import { fieldReader } from "#sbom/executable/fieldReader.ts";
import type { FieldReader } from "#sbom/executable/fieldReader.ts";
import type { ProgramLayout, ProgramSection, ProgramSegment } from "#sbom/executable/program.ts";

const LC_SEGMENT = 1;
const LC_SEGMENT_64 = 0x19;
const READ_WRITE = 3;

interface MachOHeader {
  readonly wide: boolean;
  readonly big: boolean;
  /** Where the load commands begin and end. */
  readonly start: number;
  readonly end: number;
  readonly commands: number;
}

/** Reads segments and sections from the start of a Mach-O file (`mach-o/loader.h`); undefined when they are not there. */
export const readMachO = (head: Buffer): ProgramLayout | undefined => {
  const header = readHeader(head);
  if (header === undefined || header.end > head.length) return undefined;
  const { wide, big } = header;
  const read = fieldReader(head, wide, big);
  const segments: ProgramSegment[] = [];
  const sections: ProgramSection[] = [];
  let at = header.start;
  for (let left = header.commands; left > 0 && at + 8 <= header.end; left--) {
    const size = read.int(at + 4);
    // Commands are at least their own two words; what is smaller would keep the walk in its place.
    if (size < 8 || at + size > header.end) return undefined;
    if (read.int(at) === (wide ? LC_SEGMENT_64 : LC_SEGMENT) && size >= (wide ? 72 : 56)) {
      const segment = readSegment(read, at, wide);
      if (segment !== undefined) segments.push(segment);
      sections.push(...readSections(head, read, at, size, wide));
    }
    at += size;
  }
  return { pointerSize: wide ? 8 : 4, bigEndian: big, segments, sections };
};

/** How many bytes from the start hold all load commands. */
export const sizeOfMachOHead = (head: Buffer): number => readHeader(head)?.end ?? 0;

const readHeader = (head: Buffer): MachOHeader | undefined => {
  if (head.length < 32) return undefined;
  const big = head[0] === 0xfe;
  const wide = (big ? head[3] : head[0]) === 0xcf;
  const { int } = fieldReader(head, wide, big);
  const start = wide ? 32 : 28;
  return { wide, big, start, end: start + int(20), commands: int(16) };
};

const readSegment = (read: FieldReader, at: number, wide: boolean): ProgramSegment | undefined => {
  const offset = read.word(at + (wide ? 40 : 32));
  const size = read.word(at + (wide ? 48 : 36));
  if (offset === undefined || size === undefined) return undefined;
  const protection = read.int(at + (wide ? 60 : 44));
  return { offset, size, address: read.address(at + 24), data: protection === READ_WRITE };
};

const readSections = (
  head: Buffer,
  read: FieldReader,
  at: number,
  size: number,
  wide: boolean,
): readonly ProgramSection[] => {
  const entry = wide ? 80 : 68;
  const first = at + (wide ? 72 : 56);
  const count = Math.min(read.int(at + (wide ? 64 : 48)), Math.floor((at + size - first) / entry));
  return Array.from({ length: count }, (_, index) => {
    const section = first + index * entry;
    return {
      name: head.toString("latin1", section, section + 16).replace(/\0.*$/s, ""),
      offset: read.int(section + (wide ? 48 : 40)),
      size: read.word(section + (wide ? 40 : 36)) ?? 0,
    };
  });
};
