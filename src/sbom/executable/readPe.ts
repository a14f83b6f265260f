import type { ProgramLayout, ProgramSection, ProgramSegment } from "#sbom/executable/program.ts";

const SIGNATURE = 0x50450000; // "PE\0\0"
const PE32 = 0x10b;
const PE32_PLUS = 0x20b;
// The loader of Windows takes 96 sections (PE format, "COFF File Header").
const MAX_SECTIONS = 96;
const INITIALIZED_DATA = 0x40;
const EXECUTE = 0x20000000;
const WRITE = 0x80000000;

/** Reads the section headers from the start of a PE file (Microsoft, "PE Format"); undefined when it is none. */
export const readPe = (head: Buffer): ProgramLayout | undefined => {
  const coff = peHeaderAt(head);
  if (coff === undefined) return undefined;
  const count = head.readUInt16LE(coff + 2);
  const optional = coff + 20;
  const table = optional + head.readUInt16LE(coff + 16);
  if (count > MAX_SECTIONS || table + count * 40 > head.length || optional + 32 > head.length) return undefined;
  const magic = head.readUInt16LE(optional);
  if (magic !== PE32 && magic !== PE32_PLUS) return undefined;
  const wide = magic === PE32_PLUS;
  const base = wide ? head.readBigUInt64LE(optional + 24) : BigInt(head.readUInt32LE(optional + 28));
  const segments: ProgramSegment[] = [];
  const sections: ProgramSection[] = [];
  for (let at = table; at < table + count * 40; at += 40) {
    const range = { offset: head.readUInt32LE(at + 20), size: head.readUInt32LE(at + 16) };
    const flags = head.readUInt32LE(at + 36);
    const data = (flags & INITIALIZED_DATA) !== 0 && (flags & WRITE) !== 0 && (flags & EXECUTE) === 0;
    segments.push({ ...range, address: base + BigInt(head.readUInt32LE(at + 12)), data });
    sections.push({ ...range, name: head.toString("latin1", at, at + 8).replace(/\0.*$/s, "") });
  }
  return { pointerSize: wide ? 8 : 4, bigEndian: false, segments, sections };
};

/** Offset of the COFF header of a PE file, or undefined: also where it is not within these bytes. */
const peHeaderAt = (head: Buffer): number | undefined => {
  if (head.length < 64) return undefined;
  const at = head.readUInt32LE(60);
  return at + 24 <= head.length && head.readUInt32BE(at) === SIGNATURE ? at + 4 : undefined;
};
