import { lstat, open } from "node:fs/promises";
import { constants } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { WaybillError } from "#core/errors.ts";

// Node has no flock, and a file that names a process id is no lock: in containers every program is process 1, so a dead
// holder looks alive, and two who take over a stale lock may both win. SQLite locks an empty file through the kernel
// (fcntl), which lets go the moment the holder dies, however it dies. Nothing is ever written into the file.

const SQLITE_BUSY = 5;
// A holder writes one small file; who waits longer than this waits for a process that is stopped.
const MAX_WAIT_MS = 30_000;
const MAX_PAUSE_MS = 20;

/**
 * Runs `task` while no other process or store has the lock at `path`; STORE_FAILED when it cannot be had in 30 s.
 * `checkWaiters` is called before each try, and ends the wait by throwing when nobody wants the task done any more.
 */
export const withFileLock = async <T>(path: string, checkWaiters: () => void, task: () => Promise<T>): Promise<T> => {
  const deadline = performance.now() + MAX_WAIT_MS;
  for (;;) {
    checkWaiters();
    const release = await takeFileLock(path);
    if (release === undefined) {
      if (performance.now() > deadline) throw held(path);
      // Spread, so that sixteen waiters do not knock together.
      await sleep(1 + Math.random() * MAX_PAUSE_MS);
      continue;
    }
    try {
      return await task();
    } finally {
      release();
    }
  }
};

/** Takes the lock at `path` and returns what lets go of it, or undefined while another process or store has it. */
export const takeFileLock = async (path: string): Promise<(() => void) | undefined> => {
  await prepare(path);
  try {
    const database = new DatabaseSync(path);
    try {
      // Kept in memory, so that a killed holder leaves no journal behind.
      database.exec("PRAGMA journal_mode=MEMORY; BEGIN IMMEDIATE");
      return () => database.close();
    } catch (error) {
      database.close();
      throw error;
    }
  } catch (cause) {
    if ((cause as { readonly errcode?: unknown }).errcode === SQLITE_BUSY) return undefined;
    throw new WaybillError("STORE_FAILED", `${path}: cannot be locked`, { cause });
  }
};

/** SQLite must find an empty file of its own and no journal: what a hostile layout brings along is not played back. */
const prepare = async (path: string): Promise<void> => {
  try {
    const file = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o644);
    const { size } = await file.stat();
    await file.close();
    if (size === 0 && !(await exists(`${path}-journal`)) && !(await exists(`${path}-wal`))) return;
  } catch (cause) {
    throw new WaybillError("STORE_FAILED", `${path}: cannot be opened for writing`, { cause });
  }
  throw new WaybillError("STORE_FAILED", `${path}: is not a lock file of this program`, {
    hint: "Remove this file and those whose names begin with its name.",
  });
};

const exists = async (path: string): Promise<boolean> => {
  try {
    await lstat(path);
    return true;
  } catch {
    return false;
  }
};

const held = (path: string): WaybillError =>
  new WaybillError("STORE_FAILED", `${path}: another process keeps the lock`, {
    hint: "Wait for the other process to end, or stop it.",
  });
