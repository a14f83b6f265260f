import { randomBytes } from "node:crypto";
import { open, readFile, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Ctx } from "#core/ctx.ts";
import { asWaybillError } from "#core/errors.ts";
import {
  compareGenerations,
  formatTufSet,
  generationName,
  parseGenerationName,
  parseTufSet,
} from "#sigstore/tuf/tufGeneration.ts";
import type { TufGeneration } from "#sigstore/tuf/tufGeneration.ts";
import { readTufSet } from "#sigstore/tuf/tufSet.ts";
import type { TufSet } from "#sigstore/tuf/tufSet.ts";

/** A set that was believed, and when a mirror was last asked for it, milliseconds since the epoch. */
export interface KeptTufSet {
  readonly set: TufSet;
  readonly fetchedAt: number;
}

/** What was believed before, on this machine. */
export interface TufCache {
  /** The newest set that can still be believed, expired or not. */
  readonly load: (ctx: Ctx) => Promise<KeptTufSet | undefined>;
  readonly publish: (kept: KeptTufSet) => Promise<void>;
  /** The bytes that were kept under a hash, in hex; what they are, the caller looks. */
  readonly target: (hash: string) => Promise<Uint8Array | undefined>;
  readonly keepTarget: (hash: string, bytes: Uint8Array) => Promise<void>;
}

const MAX_ATTEMPTS = 50;
const ABANDONED_MS = 3_600_000;
// Clocks of one machine do not differ; what is later than this was named by a clock that was wrong.
const AHEAD_MS = 300_000;

/**
 * A cache that any number of processes use at once without a lock. Every set is a file of its own, complete when it gets its
 * name, and its name says how new it is: readers take the newest, and a writer removes only what is older than what it wrote. So
 * nothing falls back to an older version, whoever comes last, and a process that is killed leaves at most a temporary file.
 * `directory` exists and nobody else writes to it. What goes wrong on the disk is thrown as it is.
 */
export const openTufCache = (directory: string, firstRoot: Uint8Array, clock: Ctx["clock"]): TufCache => ({
  load: async (ctx) => {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const found = await loadNewest(ctx, directory, firstRoot);
      if (found !== "changed") return found;
    }
    return undefined;
  },
  publish: async ({ set, fetchedAt }) => {
    const mine = { root: set.root.version, timestamp: set.timestamp.version, fetchedAt };
    await writeWhole(directory, generationName(mine), formatTufSet(set));
    await sweep(directory, mine, clock.now());
  },
  target: (hash) => readIfThere(join(directory, targetName(hash))),
  keepTarget: (hash, bytes) => writeWhole(directory, targetName(hash), bytes),
});

const targetName = (hash: string): string => `target-${hash}`;

/** Tells `changed` where a file went while it was looked at, since then there is a newer one. */
const loadNewest = async (
  ctx: Ctx,
  directory: string,
  firstRoot: Uint8Array,
): Promise<KeptTufSet | undefined | "changed"> => {
  for (const generation of (await listGenerations(directory)).toSorted(compareGenerations).toReversed()) {
    const path = join(directory, generationName(generation));
    const bytes = await readIfThere(path);
    if (bytes === undefined) return "changed";
    try {
      return { set: readTufSet(firstRoot, parseTufSet(bytes, path), path), fetchedAt: generation.fetchedAt };
    } catch (error) {
      // A disk that failed, or a hand that changed it; the one before it may be whole.
      ctx.log("warn", "kept TUF metadata is not usable", { path, reason: asWaybillError(error).message });
    }
  }
  return undefined;
};

const listGenerations = async (directory: string): Promise<readonly TufGeneration[]> =>
  (await readdir(directory)).flatMap((name) => parseGenerationName(name) ?? []);

const readIfThere = async (path: string): Promise<Uint8Array | undefined> => {
  try {
    return await readFile(path);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
};

const isAbsent = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "ENOENT";

const writeWhole = async (directory: string, name: string, bytes: Uint8Array): Promise<void> => {
  const temporary = join(directory, `${TEMPORARY}${randomBytes(9).toString("hex")}`);
  try {
    const file = await open(temporary, "wx", 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, join(directory, name));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
};

const TEMPORARY = ".writing-";

/** Removes older sets, those of a clock that ran ahead, and what writers that were killed left an hour ago or longer. */
const sweep = async (directory: string, mine: TufGeneration, now: number): Promise<void> => {
  for (const name of await readdir(directory)) {
    const path = join(directory, name);
    const other = parseGenerationName(name);
    const gone = other === undefined ? await isAbandoned(path, name, now) : isOutdated(other, mine, now);
    if (gone) await rm(path, { force: true });
  }
};

const isOutdated = (other: TufGeneration, mine: TufGeneration, now: number): boolean =>
  compareGenerations(other, mine) < 0 ||
  (other.root === mine.root && other.timestamp === mine.timestamp && other.fetchedAt > now + AHEAD_MS);

const isAbandoned = async (path: string, name: string, now: number): Promise<boolean> => {
  if (!name.startsWith(TEMPORARY)) return false;
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && now - found.mtimeMs > ABANDONED_MS;
};
