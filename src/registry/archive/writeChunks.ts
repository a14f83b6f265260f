import type { FileHandle } from "node:fs/promises";
import { onDisk } from "#registry/layout/onDisk.ts";

/**
 * Writes all that `bytes` gives to an open file from its start on, each chunk before the next one is asked for: decoders use
 * their chunks again. Returns the bytes written; `path` is for errors.
 */
export const writeChunks = async (
  file: FileHandle,
  path: string,
  bytes: AsyncIterable<Uint8Array>,
): Promise<number> => {
  let at = 0;
  for await (const chunk of bytes) {
    // A write may be short on a nearly full disk.
    for (let done = 0; done < chunk.byteLength;) {
      const rest = chunk.subarray(done);
      const position = at + done;
      done += (await onDisk(path, () => file.write(rest, 0, rest.byteLength, position))).bytesWritten;
    }
    at += chunk.byteLength;
  }
  return at;
};
