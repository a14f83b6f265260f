import { constants } from "node:fs";
import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { WaybillError } from "#core/errors.ts";
import { onDisk } from "#registry/layout/onDisk.ts";

/** An open file and its size when it was opened. */
export interface RegularFile {
  readonly file: FileHandle;
  readonly size: number;
}

/**
 * Opens a file for reading, undefined when it is not there. A link, a pipe or a device in its place is refused: a layout
 * that came from elsewhere must not make us read what lies outside it, or wait for ever.
 */
export const openRegularFile = async (path: string): Promise<RegularFile | undefined> => {
  const file = await openPlain(path);
  if (file === undefined) return undefined;
  const stat = await file.stat();
  if (stat.isFile()) return { file, size: stat.size };
  await file.close();
  throw new WaybillError("STORE_FAILED", `${path}: is not a regular file`);
};

/** Reads a file of at most `cap` bytes, undefined when it is not there; LIMIT_EXCEEDED beyond the cap. */
export const readRegularFile = async (path: string, cap: number): Promise<Buffer | undefined> => {
  const opened = await openRegularFile(path);
  if (opened === undefined) return undefined;
  try {
    if (opened.size > cap)
      throw new WaybillError("LIMIT_EXCEEDED", `${path}: ${opened.size} bytes, the limit is ${cap}`);
    return await readSpan(opened.file, path, 0, opened.size);
  } finally {
    await opened.file.close();
  }
};

/** Reads `length` bytes from `position` on; fewer where the file ends before. `path` is for errors. */
export const readSpan = async (file: FileHandle, path: string, position: number, length: number): Promise<Buffer> => {
  const bytes = Buffer.allocUnsafeSlow(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await onDisk(path, () => file.read(bytes, done, length - done, position + done));
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes.subarray(0, done);
};

const openPlain = async (path: string): Promise<FileHandle | undefined> => {
  try {
    // O_NONBLOCK: opening a pipe that nobody writes to would hang.
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    const reason = code === "ELOOP" ? "is a symbolic link" : (code ?? "cannot be opened");
    throw new WaybillError("STORE_FAILED", `${path}: ${reason}`, { cause });
  }
};
