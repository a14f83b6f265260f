import type { FileHandle } from "node:fs/promises";
import { onDisk } from "#registry/layout/onDisk.ts";

// A socket gives 64 KiB at a time, and each write is a turn through the thread pool; eight of them in one are as fast as more.
const BATCH_BYTES = 512 * 1024;

/**
 * Writes all that `bytes` gives to an open file from `position` on, several chunks at once, the next ones being received
 * meanwhile, so that a chunk must stay what it is. Returns the bytes written; `path` is for errors.
 */
export const writeBatches = async (
  file: FileHandle,
  path: string,
  bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  position: number,
): Promise<number> => {
  let at = position;
  let batch: Uint8Array[] = [];
  let size = 0;
  let writing: Promise<void> = Promise.resolve();
  const flush = async (): Promise<void> => {
    await writing;
    writing = writeAll(file, path, batch, at);
    // Awaited before the next one; until then nobody hears of its failure.
    writing.catch(() => undefined);
    at += size;
    batch = [];
    size = 0;
  };
  try {
    for await (const chunk of bytes) {
      batch.push(chunk);
      size += chunk.byteLength;
      if (size >= BATCH_BYTES) await flush();
    }
    if (size > 0) await flush();
  } finally {
    // Whoever cuts the file back after a failure must be the last to touch it.
    await writing.catch(() => undefined);
  }
  await writing;
  return at - position;
};

const writeAll = async (
  file: FileHandle,
  path: string,
  chunks: readonly Uint8Array[],
  position: number,
): Promise<void> => {
  const { bytesWritten } = await onDisk(path, () => file.writev(chunks, position));
  // A write may be short on a nearly full disk.
  let done = bytesWritten;
  let skip = done;
  for (const chunk of chunks) {
    const rest = chunk.subarray(Math.min(skip, chunk.byteLength));
    skip -= Math.min(skip, chunk.byteLength);
    for (let from = 0; from < rest.byteLength;) {
      const part = rest.subarray(from);
      const written = await onDisk(path, () => file.write(part, 0, part.byteLength, position + done));
      from += written.bytesWritten;
      done += written.bytesWritten;
    }
  }
};
