import type { ZipEntry } from "#archive/zipEntry.ts";
import { widenSizes } from "#archive/zipSizes.ts";
import { WaybillError } from "#core/errors.ts";

const LOCAL_SIZE = 30;
const SIGNATURE = Buffer.from("PK\x03\x04", "latin1");
const DESCRIPTOR = Buffer.from("PK\x07\x08", "latin1");
// Executable jars start with a script of some kilobytes.
const MAX_BEFORE = 64 * 1024;

/**
 * The entries that an archive's local headers tell of, for archives that lost their central directory: each next one is
 * looked for where the last one ends, the incomplete last one is left out. INPUT_INVALID where there is not one header.
 */
export const scanLocalHeaders = (bytes: Buffer, maxEntries: number): readonly ZipEntry[] => {
  const entries: ZipEntry[] = [];
  const first = bytes.subarray(0, MAX_BEFORE).indexOf(SIGNATURE);
  if (first < 0) throw new WaybillError("INPUT_INVALID", "not a zip archive");
  for (let at = first; at + LOCAL_SIZE <= bytes.length && SIGNATURE.compare(bytes, at, at + 4) === 0;) {
    if (entries.length === maxEntries)
      throw new WaybillError("LIMIT_EXCEEDED", `zip archive of more than ${maxEntries} entries`);
    const found = readLocal(bytes, at);
    if (found === undefined) break;
    entries.push(found.entry);
    at = found.end;
  }
  return entries;
};

const readLocal = (bytes: Buffer, at: number): { readonly entry: ZipEntry; readonly end: number } | undefined => {
  const flags = bytes.readUInt16LE(at + 6);
  const nameEnd = at + LOCAL_SIZE + bytes.readUInt16LE(at + 26);
  const start = nameEnd + bytes.readUInt16LE(at + 28);
  if (start > bytes.length) return undefined;
  const stated = { size: bytes.readUInt32LE(at + 22), compressedSize: bytes.readUInt32LE(at + 18), offset: at };
  const sizes = (flags & 8) === 0 ? widenSizes(stated, bytes.subarray(nameEnd, start)) : findDescriptor(bytes, start);
  if (sizes === undefined) return undefined;
  const end = start + sizes.compressedSize;
  if (end > bytes.length) return undefined;
  const entry = {
    name: bytes.toString("utf8", at + LOCAL_SIZE, nameEnd),
    method: bytes.readUInt16LE(at + 8),
    encrypted: (flags & 0x41) !== 0,
    compressedSize: sizes.compressedSize,
    size: sizes.size,
    offset: at,
  };
  return { entry, end: end + ("length" in sizes ? sizes.length : 0) };
};

// APPNOTE 4.3.9: the sizes follow the data, after a signature that everybody writes. One that states another length than
// what lies before it is data.
const findDescriptor = (
  bytes: Buffer,
  start: number,
): { readonly size: number; readonly compressedSize: number; readonly length: number } | undefined => {
  for (let at = bytes.indexOf(DESCRIPTOR, start); at >= 0 && at + 16 <= bytes.length;) {
    const compressedSize = at - start;
    if (bytes.readUInt32LE(at + 8) === compressedSize) {
      const wide = at + 24 <= bytes.length && bytes.readUInt32LE(at + 12) === 0 && hasHeader(bytes, at + 24);
      return { compressedSize, size: bytes.readUInt32LE(at + (wide ? 16 : 12)), length: wide ? 24 : 16 };
    }
    at = bytes.indexOf(DESCRIPTOR, at + 4);
  }
  return undefined;
};

const hasHeader = (bytes: Buffer, at: number): boolean =>
  at + 2 <= bytes.length && bytes[at] === 0x50 && bytes[at + 1] === 0x4b;
