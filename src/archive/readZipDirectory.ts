import { scanLocalHeaders } from "#archive/scanLocalHeaders.ts";
import { findZipEnd } from "#archive/zipEnd.ts";
import type { ZipEnd } from "#archive/zipEnd.ts";
import type { ZipDirectory, ZipEntry } from "#archive/zipEntry.ts";
import { widenSizes } from "#archive/zipSizes.ts";
import { WaybillError } from "#core/errors.ts";

const CENTRAL = 0x02014b50;
const CENTRAL_SIZE = 46;

/**
 * The entries of a zip archive in memory, in the order of its central directory; what stands before the archive is skipped.
 * Without a directory they are those of the local headers, and `damage` says so. INPUT_INVALID for what is no zip archive or
 * has a broken directory, LIMIT_EXCEEDED for more than `maxEntries` entries. Nothing is inflated.
 */
export const readZipDirectory = (bytes: Buffer, maxEntries: number): ZipDirectory => {
  const end = findZipEnd(bytes);
  if (end !== undefined) return { entries: readCentral(bytes, end, maxEntries), damage: undefined };
  return {
    entries: scanLocalHeaders(bytes, maxEntries),
    damage:
      "the zip archive has no central directory (it is cut short): entries are those that could be found without it",
  };
};

const readCentral = (bytes: Buffer, { start, end, shift }: ZipEnd, maxEntries: number): readonly ZipEntry[] => {
  const entries: ZipEntry[] = [];
  for (let at = start; at < end;) {
    if (at + CENTRAL_SIZE > end || bytes.readUInt32LE(at) !== CENTRAL) throw broken(entries.length);
    const nameEnd = at + CENTRAL_SIZE + bytes.readUInt16LE(at + 28);
    const extraEnd = nameEnd + bytes.readUInt16LE(at + 30);
    const next = extraEnd + bytes.readUInt16LE(at + 32);
    if (next > end) throw broken(entries.length);
    if (entries.length === maxEntries)
      throw new WaybillError("LIMIT_EXCEEDED", `zip archive of more than ${maxEntries} entries`);
    entries.push(readEntry(bytes, at, nameEnd, extraEnd, shift));
    at = next;
  }
  return entries;
};

const readEntry = (bytes: Buffer, at: number, nameEnd: number, extraEnd: number, shift: number): ZipEntry => {
  const stated = {
    size: bytes.readUInt32LE(at + 24),
    compressedSize: bytes.readUInt32LE(at + 20),
    offset: bytes.readUInt32LE(at + 42),
  };
  const { size, compressedSize, offset } = widenSizes(stated, bytes.subarray(nameEnd, extraEnd));
  return {
    name: bytes.toString("utf8", at + CENTRAL_SIZE, nameEnd),
    method: bytes.readUInt16LE(at + 10),
    encrypted: (bytes.readUInt16LE(at + 8) & 0x41) !== 0,
    compressedSize,
    size,
    offset: offset + shift,
  };
};

const broken = (entry: number): WaybillError =>
  new WaybillError("INPUT_INVALID", `zip archive with a broken central directory at entry ${entry + 1}`);
