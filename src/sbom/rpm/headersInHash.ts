import { WaybillError } from "#core/errors.ts";
import { createJoiner } from "#sbom/joinPieces.ts";
import type { JoinPieces } from "#sbom/joinPieces.ts";

// Berkeley DB 5.3, src/dbinc/db_page.h. The metadata page: magic at byte 12, page size at 20, type at 25, last page at 32.
const MAGIC = 0x061561;
const HASH_METADATA = 8;
const HASH_PAGES: ReadonlySet<number> = new Set([2, 13]);
const OVERFLOW_PAGE = 7;
// Header of every other page; what it holds begins behind it.
const PAGE_HEADER = 26;
const INLINE = 1;
const OFF_PAGE = 3;
// The record of key 0 holds the number of the next package.
const COUNTER = 4;

interface HashFile {
  readonly bytes: Buffer;
  readonly pageSize: number;
  readonly u16: (at: number) => number;
  readonly u32: (at: number) => number;
  readonly join: JoinPieces;
}

/**
 * The values in a Berkeley DB hash file of either byte order: rpm's `Packages` up to RHEL 8, one header each. Pages are
 * walked in the order of the file, and a value is valid until the next one is asked for. A value that is damaged is told to `damaged` and left out; each overflow page is read
 * once at most, so cycles end. Throws INPUT_INVALID for what is no such file.
 */
export function* headersInHash(bytes: Buffer, damaged: (reason: string) => void): Generator<Buffer> {
  const file = openHash(bytes);
  const used = new Set<number>();
  const { pageSize } = file;
  const stated = file.u32(32);
  const last = Math.min(stated, Math.floor(bytes.length / pageSize) - 1);
  if (last < stated) damaged(`${stated - last} pages of the database are missing`);
  for (let page = 1; page <= last; page++) {
    if (HASH_PAGES.has(bytes[page * pageSize + 25] ?? 0)) yield* pageValues(file, page * pageSize, used, damaged);
  }
}

const openHash = (bytes: Buffer): HashFile => {
  if (bytes.length < 512) throw new WaybillError("INPUT_INVALID", "no Berkeley DB");
  const bigEndian = bytes.readUInt32BE(12) === MAGIC;
  if (!bigEndian && bytes.readUInt32LE(12) !== MAGIC)
    throw new WaybillError("INPUT_INVALID", "no Berkeley DB hash file");
  const u16 = (at: number): number => (bigEndian ? bytes.readUInt16BE(at) : bytes.readUInt16LE(at));
  const u32 = (at: number): number => (bigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at));
  const pageSize = u32(20);
  const isSize = pageSize >= 512 && pageSize <= 65_536 && (pageSize & (pageSize - 1)) === 0;
  if (!isSize || bytes[25] !== HASH_METADATA)
    throw new WaybillError("INPUT_INVALID", "a Berkeley DB hash file with an impossible header");
  return { bytes, pageSize, u16, u32, join: createJoiner() };
};

/** Keys and values alternate; each ends where the one before begins (LEN_HITEM). */
function* pageValues(
  file: HashFile,
  start: number,
  used: Set<number>,
  damaged: (reason: string) => void,
): Generator<Buffer> {
  const { bytes, pageSize, u16 } = file;
  const items = u16(start + 20);
  if (PAGE_HEADER + 2 * items > pageSize) return damaged(`page ${start / pageSize} of the database is damaged`);
  let before = pageSize;
  for (let index = 0; index < items; index++) {
    const offset = u16(start + PAGE_HEADER + 2 * index);
    if (offset < PAGE_HEADER || offset >= before) return damaged(`page ${start / pageSize} of the database is damaged`);
    const item = bytes.subarray(start + offset, start + before);
    before = offset;
    if (index % 2 === 0) continue;
    const value = item[0] === OFF_PAGE ? overflowValue(file, start + offset, used, damaged) : inlineValue(item);
    if (value !== undefined) yield value;
  }
}

const inlineValue = (item: Buffer): Buffer | undefined =>
  item[0] === INLINE && item.length - 1 > COUNTER ? item.subarray(1) : undefined;

/** Bytes 4 and 8 of the item: first page and length of the whole. A page says how much of it is used at byte 22. */
const overflowValue = (
  { bytes, pageSize, u16, u32, join }: HashFile,
  item: number,
  used: Set<number>,
  damaged: (reason: string) => void,
): Buffer | undefined => {
  if (item + 12 > bytes.length) {
    damaged("a value of the database is damaged");
    return undefined;
  }
  const parts: Buffer[] = [];
  let left = u32(item + 8);
  for (let page = u32(item + 4); left > 0;) {
    const start = page * pageSize;
    const isOverflow = start + pageSize <= bytes.length && bytes[start + 25] === OVERFLOW_PAGE;
    const length = isOverflow && !used.has(page) ? u16(start + 22) : 0;
    if (length === 0 || length > Math.min(left, pageSize - PAGE_HEADER)) {
      damaged(`page ${page} of the database is missing, damaged or used twice`);
      return undefined;
    }
    used.add(page);
    parts.push(bytes.subarray(start + PAGE_HEADER, start + PAGE_HEADER + length));
    left -= length;
    page = u32(start + 16);
  }
  return join(parts);
};
