import { WaybillError } from "#core/errors.ts";

// rpm's own format (lib/backend/ndb/rpmpkg.c), little-endian: a header of 32 bytes, slots of 16 in pages of 4,096, then
// blobs in blocks of 16 with a head of 16 and a tail of 12 bytes.
const FILE_MAGIC = 0x506d7052; // RpmP
const SLOT_MAGIC = 0x746f6c53; // Slot
const HEAD_MAGIC = 0x53626c42; // BlbS
const TAIL_MAGIC = 0x45626c42; // BlbE
const FILE_HEADER = 32;
const SLOT = 16;
const SLOT_PAGE = 4096;
const BLOCK = 16;
const HEAD = 16;
const TAIL = 12;
// A database of half a million packages.
const MAX_SLOT_PAGES = 2048;

/**
 * The headers in an ndb file: `Packages.db` of SUSE, in the order of its slots. A blob that is damaged is told to `damaged`
 * and left out. Throws INPUT_INVALID for what is no such file.
 */
export function* headersInNdb(bytes: Buffer, damaged: (reason: string) => void): Generator<Buffer> {
  const end = slotsEnd(bytes);
  if (end > bytes.length) damaged("slots of the database are missing");
  // Blobs that lie over one another would make much out of little.
  let left = bytes.length;
  for (let at = FILE_HEADER; at + SLOT <= Math.min(end, bytes.length); at += SLOT) {
    const index = bytes.readUInt32LE(at + 4);
    if (bytes.readUInt32LE(at) !== SLOT_MAGIC) return damaged("a slot of the database is damaged");
    if (index === 0) continue;
    const blob = blobOf(bytes, index, bytes.readUInt32LE(at + 8) * BLOCK, bytes.readUInt32LE(at + 12) * BLOCK);
    left -= blob?.length ?? 0;
    if (blob === undefined || left < 0) damaged("a package of the database is missing or damaged");
    else yield blob;
  }
}

const slotsEnd = (bytes: Buffer): number => {
  if (bytes.length < FILE_HEADER || bytes.readUInt32LE(0) !== FILE_MAGIC || bytes.readUInt32LE(4) !== 0)
    throw new WaybillError("INPUT_INVALID", "no ndb database");
  const pages = bytes.readUInt32LE(12);
  if (pages > MAX_SLOT_PAGES) throw new WaybillError("INPUT_INVALID", "an ndb database with an impossible header");
  return pages * SLOT_PAGE;
};

const blobOf = (bytes: Buffer, index: number, start: number, size: number): Buffer | undefined => {
  if (size < HEAD + TAIL || start + size > bytes.length) return undefined;
  const length = bytes.readUInt32LE(start + 12);
  const isBlob = bytes.readUInt32LE(start) === HEAD_MAGIC && bytes.readUInt32LE(start + 4) === index;
  const isWhole = HEAD + length + TAIL <= size && bytes.readUInt32LE(start + size - 4) === TAIL_MAGIC;
  return isBlob && isWhole ? bytes.subarray(start + HEAD, start + HEAD + length) : undefined;
};
