import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { lstat, mkdir, open, readdir, rename, rm } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { WaybillError } from "#core/errors.ts";

const TEMPORARY = /^\..{1,20}\.[0-9a-f]{18}\.tmp$/;
const ABANDONED_MS = 24 * 3_600_000;

/**
 * Writes a file so that it is either whole or not there, also after a power cut: temporary name in the same directory,
 * fsync, rename, fsync of the directory. What `bytes` throws leaves nothing behind.
 */
export const writeDurably = async (path: string, bytes: AsyncIterable<Uint8Array> | Uint8Array): Promise<void> => {
  const temporary = join(dirname(path), `.${basename(path).slice(0, 20)}.${randomBytes(9).toString("hex")}.tmp`);
  try {
    await writeNew(temporary, bytes);
    await moveDurably(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
};

/** Renames a file that is already synced, and syncs the directory it comes into. */
export const moveDurably = async (from: string, to: string): Promise<void> => {
  await onDisk(to, () => rename(from, to));
  await syncDirectory(dirname(to));
};

/** Makes a directory, and the ones above it, so that they survive a power cut. */
export const makeDurableDirectory = async (path: string): Promise<void> => {
  const first = await onDisk(path, () => mkdir(path, { recursive: true }));
  if (first === undefined) return;
  for (let made = resolve(path); made.length >= resolve(first).length; made = dirname(made))
    await syncDirectory(dirname(made));
};

/** Removes what writers that were killed left in a directory a day ago or longer. */
export const sweepTemporaries = async (directory: string): Promise<void> => {
  const names = await onDisk(directory, () => readdir(directory));
  for (const name of names.filter((one) => TEMPORARY.test(one))) {
    const path = join(directory, name);
    const found = await lstat(path).catch(() => undefined);
    if (found !== undefined && Date.now() - found.mtimeMs > ABANDONED_MS) await rm(path, { force: true });
  }
};

/** Makes the names in a directory survive a power cut. */
export const syncDirectory = async (path: string): Promise<void> => {
  await onDisk(path, async () => {
    const directory = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  });
};

/** Runs a file operation; its failure becomes STORE_FAILED naming the path and the system's word for it. */
export const onDisk = async <T>(path: string, run: () => Promise<T>): Promise<T> => {
  try {
    return await run();
  } catch (cause) {
    if (cause instanceof WaybillError) throw cause;
    throw new WaybillError("STORE_FAILED", `${path}: ${(cause as NodeJS.ErrnoException).code ?? "failed"}`, { cause });
  }
};

/** Writes all that `bytes` gives to an open file from `position` on; returns the bytes written. `path` is for errors. */
export const writeChunks = async (
  file: FileHandle,
  path: string,
  bytes: AsyncIterable<Uint8Array> | Uint8Array,
  position: number,
): Promise<number> => {
  if (bytes instanceof Uint8Array) return writeWhole(file, path, bytes, position);
  let at = position;
  for await (const chunk of bytes) at += await writeWhole(file, path, chunk, at);
  return at - position;
};

const writeWhole = async (file: FileHandle, path: string, chunk: Uint8Array, position: number): Promise<number> => {
  let done = 0;
  // A write may be short on a nearly full disk.
  while (done < chunk.byteLength) {
    const rest = chunk.subarray(done);
    done += (await onDisk(path, () => file.write(rest, 0, rest.byteLength, position + done))).bytesWritten;
  }
  return done;
};

const writeNew = async (path: string, bytes: AsyncIterable<Uint8Array> | Uint8Array): Promise<void> => {
  const file = await onDisk(path, () => open(path, "wx", 0o644));
  try {
    await writeChunks(file, path, bytes, 0);
    await onDisk(path, () => file.sync());
  } finally {
    await file.close();
  }
};
