/** A stretch of a file, in bytes. */
export interface FileRange {
  readonly offset: number;
  readonly size: number;
}

/** A part of the file that is loaded into memory. */
export interface ProgramSegment extends FileRange {
  readonly address: bigint;
  /** Data: writable and not executable. */
  readonly data: boolean;
}

export interface ProgramSection extends FileRange {
  readonly name: string;
}

/** Where an ELF file keeps its section headers; they may be anywhere, at the end as a rule. */
export interface SectionTable extends FileRange {
  readonly entrySize: number;
  readonly count: number;
  /** Index of the section that holds the names. */
  readonly names: number;
}

/** What the headers at the start of a program say about the rest of the file. */
export interface ProgramLayout {
  readonly pointerSize: 4 | 8;
  readonly bigEndian: boolean;
  readonly segments: readonly ProgramSegment[];
  /** By name; none where the names are elsewhere (ELF). */
  readonly sections: readonly ProgramSection[];
  readonly sectionTable?: SectionTable;
}

/** A program as far as its first bytes tell: a whole file, or one slice of a universal Mach-O file. */
export interface Program {
  readonly format: "elf" | "pe" | "mach-o";
  /** Announced size in bytes. */
  readonly size: number;
  /** Undefined where the headers make no sense or are not at the start. */
  readonly layout: ProgramLayout | undefined;
  /** The first bytes, headers included where `layout` is there. */
  readonly head: Buffer;
}

/** Where what the headers describe ends; what follows was appended. */
export const endOfLayout = ({ segments, sections, sectionTable }: ProgramLayout): number => {
  const parts: readonly FileRange[] = [...segments, ...sections, ...(sectionTable === undefined ? [] : [sectionTable])];
  return parts.reduce((end, part) => Math.max(end, part.offset + part.size), 0);
};
