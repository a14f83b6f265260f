import { WaybillError } from "#core/errors.ts";
import { packPages, unpackPages } from "#sbom/sqlite/packedPages.ts";
import { readWriteAheadLog } from "#sbom/sqlite/writeAheadLog.ts";
import type { WriteAheadLog } from "#sbom/sqlite/writeAheadLog.ts";

const HEADER = 8;

/** The committed pages of a write-ahead log, each in its last version; undefined where SQLite would ignore the file. */
export const reduceLog = (file: Buffer): Uint8Array | undefined => {
  const log = readWriteAheadLog(file);
  if (log === undefined) return undefined;
  const header = Buffer.alloc(HEADER);
  header.writeUInt32BE(log.pageSize);
  header.writeUInt32BE(log.pageCount, 4);
  return Buffer.concat([header, ...packPages(log.pages)]);
};

/** Reads what `reduceLog` wrote. Throws INPUT_INVALID for anything else. */
export const readReducedLog = (bytes: Uint8Array): WriteAheadLog => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.length < HEADER) throw new WaybillError("INPUT_INVALID", "no pages of a write-ahead log");
  const pageSize = buffer.readUInt32BE(0);
  return { pageSize, pageCount: buffer.readUInt32BE(4), pages: unpackPages(buffer.subarray(HEADER), pageSize) };
};
