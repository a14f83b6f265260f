import { inflateRawSync } from "node:zlib";
import type { ZipEntry } from "#archive/zipEntry.ts";
import { WaybillError } from "#core/errors.ts";

const LOCAL = 0x04034b50;
const LOCAL_SIZE = 30;
const STORED = 0;
const DEFLATED = 8;
// What deflate can do at best: 258 bytes out of two bits.
const MAX_RATIO = 1032;

/**
 * An entry's content: a view of `bytes` where it is stored, a new buffer where it is deflated. INPUT_INVALID for an entry
 * that is encrypted, compressed in another way, outside of the archive, damaged or not of the size it states; LIMIT_EXCEEDED
 * for one that states more than `maxSize` bytes. Its checksum is not looked at: who made the entry made that, too.
 */
export const readZipEntry = (bytes: Buffer, entry: ZipEntry, maxSize: number): Buffer => {
  if (entry.encrypted) throw bad("is encrypted");
  if (entry.method !== STORED && entry.method !== DEFLATED) throw bad(`is compressed by method ${entry.method}`);
  if (entry.size > maxSize) throw new WaybillError("LIMIT_EXCEEDED", `archived file of more than ${maxSize} bytes`);
  const data = findData(bytes, entry);
  if (entry.method === STORED) {
    if (data.length !== entry.size) throw bad("is stored in another size than it states");
    return data;
  }
  if (entry.size > data.length * MAX_RATIO) throw bad("states a size that its data cannot have");
  return inflate(data, entry.size);
};

const findData = (bytes: Buffer, { offset, compressedSize }: ZipEntry): Buffer => {
  if (offset + LOCAL_SIZE > bytes.length || bytes.readUInt32LE(offset) !== LOCAL)
    throw bad("has no header at its place");
  const start = offset + LOCAL_SIZE + bytes.readUInt16LE(offset + 26) + bytes.readUInt16LE(offset + 28);
  if (start + compressedSize > bytes.length) throw bad("goes on after the end of the archive");
  return bytes.subarray(start, start + compressedSize);
};

const inflate = (data: Buffer, size: number): Buffer => {
  let content: Buffer;
  try {
    // One byte more than stated tells what lies about its size; one chunk saves copying.
    content = inflateRawSync(data, { maxOutputLength: size + 1, chunkSize: Math.max(size + 1, 64) });
  } catch (cause) {
    throw new WaybillError("INPUT_INVALID", "archived file cannot be inflated to the size it states", { cause });
  }
  if (content.length !== size) throw bad("inflates to another size than it states");
  return content;
};

const bad = (what: string): WaybillError => new WaybillError("INPUT_INVALID", `archived file ${what}`);
