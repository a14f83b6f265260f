import { lstat, open, rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { WaybillError } from "#core/errors.ts";
import { onDisk } from "#registry/layout/onDisk.ts";
import { takeFileLock } from "#registry/layout/fileLock.ts";

// As long as somebody who writes a small archive takes; one who writes a large one is told of.
const MAX_WAIT_MS = 30_000;
const PAUSE_MS = 25;

/**
 * Keeps what the lock file at `path` stands for to one writer, in this process and others, until the function that it gives
 * is called. The lock file goes with its holder. STORE_FAILED, naming `what`, when another writer keeps it for 30 s.
 */
export const takeWriteLock = async (path: string, what: string, signal?: AbortSignal): Promise<() => Promise<void>> => {
  const deadline = performance.now() + MAX_WAIT_MS;
  for (;;) {
    signal?.throwIfAborted();
    const before = await makeLockFile(path);
    const release = await takeFileLock(path);
    // Whoever waited may have locked the file that the holder before has removed since.
    if (release !== undefined && (await inodeOf(path)) === before) {
      return async () => {
        await rm(path, { force: true });
        release();
      };
    }
    release?.();
    if (performance.now() > deadline) throw held(path, what);
    await sleep(PAUSE_MS * (0.5 + Math.random()));
  }
};

const makeLockFile = (path: string): Promise<bigint | undefined> =>
  onDisk(path, async () => {
    const file = await open(path, "a", 0o644);
    await file.close();
    return inodeOf(path);
  });

const inodeOf = async (path: string): Promise<bigint | undefined> => {
  const found = await lstat(path, { bigint: true }).catch(() => undefined);
  return found?.ino;
};

const held = (path: string, what: string): WaybillError =>
  new WaybillError("STORE_FAILED", `${path}: another process is writing ${what}`, {
    hint: "Wait until it has ended, and run this again.",
  });
