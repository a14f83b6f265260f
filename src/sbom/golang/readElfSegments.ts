/** A part of the file that is loaded into memory; offsets and sizes in the file, in bytes. */
export interface ElfSegment {
  readonly offset: number;
  readonly size: number;
  readonly address: bigint;
  /** Data: writable and not executable. */
  readonly data: boolean;
}

export interface ElfSegments {
  readonly pointerSize: 4 | 8;
  readonly bigEndian: boolean;
  readonly segments: readonly ElfSegment[];
}

const PT_LOAD = 1;
const PF_X = 1;
const PF_W = 2;

/**
 * Reads the loadable segments from the start of an ELF file (System V ABI, "Program Header"); a file that cannot be run
 * has none. Undefined when the program headers are not all within these bytes (patchelf moves them) or make no sense.
 */
export const readElfSegments = (head: Buffer): ElfSegments | undefined => {
  const wide = head[4] === 2;
  if (head.length < 64 || (head[4] !== 1 && !wide) || (head[5] !== 1 && head[5] !== 2)) return undefined;
  const read = fieldReader(head, wide, head[5] === 2);
  const table = read.word(wide ? 32 : 28);
  const entrySize = read.half(wide ? 54 : 42);
  const count = read.half(wide ? 56 : 44);
  const isWhole = table !== undefined && table + count * entrySize <= head.length;
  const isUsable = isWhole && entrySize >= (wide ? 56 : 32);
  if (count > 0 && (!isUsable || table === undefined)) return undefined;
  const segments: ElfSegment[] = [];
  for (let index = 0; index < count; index++) {
    const at = (table ?? 0) + index * entrySize;
    const flags = read.int(at + (wide ? 4 : 24));
    const offset = read.word(at + (wide ? 8 : 4));
    const size = read.word(at + (wide ? 32 : 16));
    if (read.int(at) !== PT_LOAD || offset === undefined || size === undefined) continue;
    const data = (flags & (PF_W | PF_X)) === PF_W;
    segments.push({ offset, size, address: read.address(at + (wide ? 16 : 8)), data });
  }
  return { pointerSize: wide ? 8 : 4, bigEndian: head[5] === 2, segments };
};

interface FieldReader {
  readonly half: (at: number) => number;
  readonly int: (at: number) => number;
  readonly address: (at: number) => bigint;
  /** A file offset or size; undefined beyond 2^53. */
  readonly word: (at: number) => number | undefined;
}

const fieldReader = (head: Buffer, wide: boolean, big: boolean): FieldReader => {
  const int = (at: number): number => (big ? head.readUInt32BE(at) : head.readUInt32LE(at));
  const address = (at: number): bigint => {
    if (!wide) return BigInt(int(at));
    return big ? head.readBigUInt64BE(at) : head.readBigUInt64LE(at);
  };
  return {
    half: (at) => (big ? head.readUInt16BE(at) : head.readUInt16LE(at)),
    int,
    address,
    word: (at) => {
      const value = Number(address(at));
      return Number.isSafeInteger(value) ? value : undefined;
    },
  };
};
