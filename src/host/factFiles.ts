import { createHash, randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { lstat, mkdir, open, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { zstdCompress, zstdDecompress, constants as zlib } from "node:zlib";
import type { Ctx } from "#core/ctx.ts";
import type { FactCache } from "#sbom/factCache.ts";

/** How much is kept. */
export interface FactFileLimits {
  /** Bytes of all files; those that were not read for longest go first. */
  readonly maxBytes: number;
}

const DEFAULT_LIMITS: FactFileLimits = { maxBytes: 1024 ** 3 };
const MAX_FACTS = 512 * 1024 ** 2;
const KEY = /^[0-9a-f]{64}$/;
const TEMPORARY = ".new-";
const ABANDONED_MS = 3_600_000;
const HASH_BYTES = 32;
const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/**
 * Facts as files, one for each key, in a directory that nobody else may read or write; it is made where it is missing.
 * Undefined, with a warning, where it is not the user's own: what lies there ends up in signed papers. Any number of
 * processes may use it: a file is complete when it gets its name, and carries its SHA-256.
 */
export const openFactFiles = async (
  ctx: Ctx,
  directory: string,
  limits = DEFAULT_LIMITS,
): Promise<FactCache | undefined> => {
  const refusal = await prepare(directory);
  if (refusal !== undefined) {
    ctx.emit({ kind: "warning", message: `the cache ${directory} is not used: ${refusal}` });
    return undefined;
  }
  let swept = false;
  return {
    read: (_, key) => readFact(join(directory, checkKey(key))),
    write: async ({ clock, log }, key, parts) => {
      try {
        await writeFact(directory, checkKey(key), parts);
        if (swept) return;
        swept = true;
        await sweep(directory, limits, clock.now());
      } catch (error) {
        log("warn", "facts of a layer could not be kept", {
          reason: error instanceof Error ? error.message : "unknown",
        });
      }
    },
  };
};

const checkKey = (key: string): string => {
  if (!KEY.test(key)) throw new TypeError("a key of facts is a SHA-256 in hex");
  return key;
};

/** Why the directory cannot be used, or undefined. */
const prepare = async (directory: string): Promise<string | undefined> => {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    return (await refuseOwner(dirname(directory), 0o022)) ?? (await refuseOwner(directory, 0o077));
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : "it cannot be made";
  }
};

const refuseOwner = async (directory: string, forbidden: number): Promise<string | undefined> => {
  const facts = await lstat(directory);
  if (!facts.isDirectory()) return `${directory} is no directory`;
  if (facts.uid !== process.getuid?.()) return `${directory} belongs to another user`;
  return (facts.mode & forbidden) === 0 ? undefined : `others may use ${directory} (chmod 700 it)`;
};

const readFact = async (path: string): Promise<Uint8Array | undefined> => {
  try {
    const bytes = await readOwn(path);
    const packed = bytes.subarray(HASH_BYTES);
    const hash = createHash("sha256").update(packed).digest();
    if (!hash.equals(bytes.subarray(0, HASH_BYTES))) throw new RangeError("the file is not what was written");
    const facts = await decompress(packed, { maxOutputLength: MAX_FACTS });
    const now = new Date();
    // What was read last is kept longest; where that cannot be written down, or another process has swept, it is read all the same.
    await utimes(path, now, now).catch(() => undefined);
    return facts;
  } catch (error) {
    if (!isAbsent(error)) await rm(path, { force: true }).catch(() => undefined);
    return undefined;
  }
};

const readOwn = async (path: string): Promise<Buffer> => {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    return await file.readFile();
  } finally {
    await file.close();
  }
};

const isAbsent = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "ENOENT";

const writeFact = async (directory: string, key: string, parts: readonly Uint8Array[]): Promise<void> => {
  const packed = await compress(Buffer.concat(parts), { params: { [zlib.ZSTD_c_compressionLevel]: 1 } });
  const temporary = join(directory, `${TEMPORARY}${randomBytes(9).toString("hex")}`);
  try {
    const file = await open(temporary, "wx", 0o600);
    try {
      await file.writeFile(createHash("sha256").update(packed).digest());
      await file.writeFile(packed);
    } finally {
      await file.close();
    }
    await rename(temporary, join(directory, key));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
};

/** Removes what was not read for longest, and what a process that was killed left behind. */
const sweep = async (directory: string, { maxBytes }: FactFileLimits, now: number): Promise<void> => {
  const files: { readonly path: string; readonly size: number; readonly used: number }[] = [];
  for (const name of await readdir(directory)) {
    const path = join(directory, name);
    // One after the other: there are few, and nobody waits.
    // oxlint-disable-next-line no-await-in-loop
    const facts = await stat(path).catch(() => undefined);
    if (facts === undefined || !facts.isFile()) continue;
    if (KEY.test(name)) files.push({ path, size: facts.size, used: facts.mtimeMs });
    // oxlint-disable-next-line no-await-in-loop
    else if (name.startsWith(TEMPORARY) && now - facts.mtimeMs > ABANDONED_MS) await rm(path, { force: true });
  }
  let left = maxBytes;
  for (const { path, size } of files.toSorted((a, b) => b.used - a.used)) {
    left -= size;
    // oxlint-disable-next-line no-await-in-loop
    if (left < 0) await rm(path, { force: true });
  }
};
