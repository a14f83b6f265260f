import { randomBytes } from "node:crypto";
import { lstat, mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { onDisk } from "#registry/layout/onDisk.ts";
import { syncDirectory } from "#registry/layout/syncDirectory.ts";
import { writeBatches } from "#registry/layout/writeBatches.ts";

const TEMPORARY = /^\..{1,20}\.[0-9a-f]{18}\.tmp$/;
const ABANDONED_MS = 24 * 3_600_000;

/**
 * Writes a file so that it is either whole or not there, also after a power cut: temporary name in the same directory,
 * fsync, rename, fsync of the directory. What `bytes` throws leaves nothing behind. A chunk must stay what it is.
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
  const first = await onDisk(path, () => makeMissing(resolve(path)));
  if (first === undefined) return;
  for (let made = resolve(path); made.length >= first.length; made = dirname(made)) await syncDirectory(dirname(made));
};

/**
 * The topmost directory that was made, undefined where all were there. Not `mkdir` with `recursive`: where a directory takes
 * no new ones and says ENOENT, as /proc does, Node tries again without end and eats all memory meanwhile.
 */
const makeMissing = async (path: string): Promise<string | undefined> => {
  if (await isDirectory(path)) return undefined;
  const above = dirname(path);
  const first = above === path ? undefined : await makeMissing(above);
  try {
    await mkdir(path);
    return first ?? path;
  } catch (error) {
    // Another process may have made it meanwhile.
    if ((error as NodeJS.ErrnoException).code === "EEXIST" && (await isDirectory(path))) return first;
    throw error;
  }
};

const isDirectory = async (path: string): Promise<boolean> => {
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() === true;
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

const writeNew = async (path: string, bytes: AsyncIterable<Uint8Array> | Uint8Array): Promise<void> => {
  const file = await onDisk(path, () => open(path, "wx", 0o644));
  try {
    await writeBatches(file, path, bytes instanceof Uint8Array ? [bytes] : bytes, 0);
    await onDisk(path, () => file.sync());
  } finally {
    await file.close();
  }
};
