import { WaybillError } from "#core/errors.ts";

/** Where the central directory lies in a buffer, and how far the archive's own offsets are moved there. */
export interface ZipEnd {
  readonly start: number;
  readonly end: number;
  /** Bytes before the archive that its offsets do not count: a script that starts it (Spring Boot's executable jars). */
  readonly shift: number;
}

const END = 0x06054b50;
const END_SIZE = 22;
const LOCATOR = 0x07064b50;
const LOCATOR_SIZE = 20;
const END64 = 0x06064b50;
const END64_SIZE = 56;
const CENTRAL = 0x02014b50;
const MAX_COMMENT = 0xffff;

/**
 * Finds the central directory from the archive's end (APPNOTE 4.3.14-4.3.16): the last end record that a directory stands
 * before, or that of an empty archive where there is no other. Undefined where there is none: the archive is cut, or no zip.
 */
export const findZipEnd = (bytes: Buffer): ZipEnd | undefined => {
  const last = bytes.length - END_SIZE;
  let empty: ZipEnd | undefined;
  for (let at = last; at >= 0 && at >= last - MAX_COMMENT; at--) {
    if (bytes[at] !== 0x50 || bytes.readUInt32LE(at) !== END) continue;
    const found = readEnd(bytes, at);
    if (found !== undefined && found.start < found.end) return found;
    // A comment can hold a record of nothing, to hide what is there.
    empty ??= found;
  }
  return empty;
};

// The directory ends where its end record begins; counted from there, its stated size says where it starts, and its stated
// offset what was put before the archive.
const readEnd = (bytes: Buffer, at: number): ZipEnd | undefined => {
  if (at + END_SIZE + bytes.readUInt16LE(at + 20) > bytes.length) return undefined;
  const wide = readEnd64(bytes, at);
  if (wide !== undefined) return wide;
  if (bytes.readUInt16LE(at + 4) !== 0) throw new WaybillError("INPUT_INVALID", "zip archive of several volumes");
  return locate(bytes, at, bytes.readUInt32LE(at + 12), bytes.readUInt32LE(at + 16));
};

const readEnd64 = (bytes: Buffer, end: number): ZipEnd | undefined => {
  const locator = end - LOCATOR_SIZE;
  if (locator < END64_SIZE || bytes.readUInt32LE(locator) !== LOCATOR) return undefined;
  const stated = Number(bytes.readBigUInt64LE(locator + 8));
  for (const at of [stated, locator - END64_SIZE]) {
    if (at < 0 || at > locator - END64_SIZE || bytes.readUInt32LE(at) !== END64) continue;
    const found = locate(bytes, at, Number(bytes.readBigUInt64LE(at + 40)), Number(bytes.readBigUInt64LE(at + 48)));
    if (found !== undefined) return found;
  }
  return undefined;
};

const locate = (bytes: Buffer, end: number, size: number, offset: number): ZipEnd | undefined => {
  const start = end - size;
  const shift = start - offset;
  if (start < 0 || shift < 0) return undefined;
  if (size > 0 && (size < 46 || bytes.readUInt32LE(start) !== CENTRAL)) return undefined;
  return { start, end, shift };
};
