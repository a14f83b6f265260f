import { readZipDirectory } from "#archive/readZipDirectory.ts";
import { readZipEntry } from "#archive/readZipEntry.ts";
import type { ZipDirectory, ZipEntry } from "#archive/zipEntry.ts";
import { WaybillError } from "#core/errors.ts";

/** A zip archive in memory whose entries can be read. */
export interface OpenArchive extends ZipDirectory {
  /** An entry's content; as `readZipEntry`, and LIMIT_EXCEEDED where entries share their data or too much was read. */
  readonly read: (entry: ZipEntry, maxSize: number) => Buffer;
}

/** Opens an archive; `spend` is told how many bytes are about to be read of it. INPUT_INVALID, LIMIT_EXCEEDED. */
export const openArchive = (bytes: Buffer, maxEntries: number, spend: (amount: number) => void): OpenArchive => {
  const directory = readZipDirectory(bytes, maxEntries);
  // Honest entries lie side by side: together they are no larger than the archive (overlapping ones make a bomb).
  let left = bytes.length;
  const read = (entry: ZipEntry, maxSize: number): Buffer => {
    left -= entry.compressedSize;
    if (left < 0) throw new WaybillError("LIMIT_EXCEEDED", "zip archive whose entries lie on top of each other");
    if (entry.size <= maxSize) spend(entry.size);
    return readZipEntry(bytes, entry, maxSize);
  };
  return { ...directory, read };
};
