import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { WaybillError } from "#core/errors.ts";
import { mapLimited } from "#core/limit.ts";
import { onDisk } from "#registry/layout/onDisk.ts";

/** Room for content: bytes are taken before they are written. */
export interface StorageQuota {
  /** LIMIT_EXCEEDED with the detail `reason: "quota"` when there is no room for so many more. */
  readonly take: (bytes: number) => Promise<void>;
  /** Gives back what was taken and is not stored after all. */
  readonly giveBack: (bytes: number) => void;
}

// A full registry must not walk its whole tree for each refused push.
const RECOUNT_MS = 5000;
const LOOKS = 16;

/** Everything fits. */
export const NO_QUOTA: StorageQuota = { take: async () => {}, giveBack: () => {} };

/**
 * At most `maxBytes` of files below `directory`, uploads under way among them; a blob that several repositories share as
 * one file counts once. What is deleted, maybe by another process, is noticed when there seems to be no room: the files are
 * counted again.
 */
export const openStorageQuota = async (directory: string, maxBytes: number): Promise<StorageQuota> => {
  let used = await countBytes(directory);
  let takenSince = 0;
  let counting: Promise<void> | undefined;
  let countedAt = Number.NEGATIVE_INFINITY;

  const recount = async (): Promise<void> => {
    takenSince = 0;
    const found = await countBytes(directory);
    // What was taken meanwhile may have been counted or not: rather too much than too little.
    used = found + takenSince;
    countedAt = performance.now();
  };

  return {
    take: async (bytes) => {
      if (used + bytes > maxBytes && performance.now() - countedAt > RECOUNT_MS) {
        counting ??= recount().finally(() => (counting = undefined));
        await counting;
      }
      if (used + bytes > maxBytes) throw full(maxBytes);
      used += bytes;
      takenSince += bytes;
    },
    giveBack: (bytes) => void (used -= bytes),
  };
};

const full = (maxBytes: number): WaybillError =>
  new WaybillError("LIMIT_EXCEEDED", `the registry is full: it keeps at most ${maxBytes} bytes`, {
    hint: "Delete what is no longer needed and collect the garbage, or raise --max-size.",
    details: { reason: "quota" },
  });

const countBytes = async (root: string): Promise<number> => {
  const shared = new Set<string>();
  let bytes = 0;
  const count = async (path: string): Promise<void> => {
    const facts = await lstat(path).catch(() => undefined);
    if (facts === undefined || !facts.isFile()) return;
    const name = `${facts.dev} ${facts.ino}`;
    if (facts.nlink > 1 && shared.has(name)) return;
    if (facts.nlink > 1) shared.add(name);
    bytes += facts.size;
  };
  const walk = async (directory: string): Promise<void> => {
    const entries = await onDisk(directory, () => readdir(directory, { withFileTypes: true }));
    const files = entries.filter((entry) => entry.isFile());
    await mapLimited(files, LOOKS, (entry) => count(join(directory, entry.name)));
    for (const entry of entries) if (entry.isDirectory()) await walk(join(directory, entry.name));
  };
  await walk(root);
  return bytes;
};
