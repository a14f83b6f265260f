import type { Program } from "#sbom/executable/program.ts";

// Mach-O of 32 and 64 bits in either byte order.
const MACH_O: ReadonlySet<number> = new Set([0xfeedface, 0xfeedfacf, 0xcefaedfe, 0xcffaedfe]);

/** The format of a program by its first four bytes; undefined for anything else. */
export const formatOf = (head: Buffer): Program["format"] | "universal" | undefined => {
  if (head.length < 4) return undefined;
  const magic = head.readUInt32BE(0);
  if (magic === 0x7f454c46) return "elf";
  if (magic >>> 16 === 0x4d5a) return "pe";
  if (MACH_O.has(magic)) return "mach-o";
  return magic === 0xcafebabe || magic === 0xcafebabf ? "universal" : undefined;
};
