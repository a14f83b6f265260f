import { link, lstat, readdir, realpath, rm } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { join, sep } from "node:path";
import { digestAlgorithm, digestHex, isDigest } from "#core/digest.ts";
import type { Digest, DigestAlgorithm } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import { checkBytes, verifiedBytes } from "#core/verifiedBytes.ts";
import type { Expected } from "#core/verifiedBytes.ts";
import type { ByteCache } from "#registry/layout/byteCache.ts";
import { makeDurableDirectory, moveDurably, sweepTemporaries, writeDurably } from "#registry/layout/durableFile.ts";
import { syncDirectory } from "#registry/layout/syncDirectory.ts";
import { onDisk } from "#registry/layout/onDisk.ts";
import { openRegularFile, readSpan } from "#registry/layout/regularFile.ts";

/** A blob as it lies on disk: nobody has checked that it is what its name says. */
export interface StoredBlob {
  readonly size: number;
  /** All of it, where it is small enough to be held. */
  readonly whole?: Uint8Array;
  /** The open file of one that is larger. */
  readonly file?: FileHandle;
  /** Bytes `start` to `end` (exclusive), in chunks that the caller may keep. */
  readonly read: (start: number, end: number) => AsyncIterable<Uint8Array>;
  readonly close: () => Promise<void>;
}

/** The files `blobs/ALG/HEX` of one layout. */
export interface BlobFiles {
  readonly open: (digest: Digest) => Promise<StoredBlob | undefined>;
  /** Bytes of the file, undefined when it is not there. */
  readonly size: (digest: Digest) => Promise<number | undefined>;
  /** All that are there, in no order. */
  readonly list: () => Promise<Iterable<Digest>>;
  /** The same as `size`, by the disk's word alone: another process may have removed a file that is still in memory here. */
  readonly sizeOnDisk: (digest: Digest) => Promise<number | undefined>;
  /** Stores checked bytes durably, unless a file of the right size is there. */
  readonly write: (expected: Expected, bytes: Uint8Array | AsyncIterable<Uint8Array>) => Promise<void>;
  /** Takes over a synced file whose bytes the caller has checked. */
  readonly adopt: (path: string, digest: Digest) => Promise<void>;
  /** Shares a blob with another layout; false when that one has none. Files are never changed in place. */
  readonly share: (from: BlobFiles, digest: Digest) => Promise<boolean>;
  readonly remove: (digest: Digest) => Promise<boolean>;
  readonly path: (digest: Digest) => string;
}

const CHUNK = 1024 * 1024;
// Papers and manifests are of a few kilobytes; layers would only push them out.
const MAX_CACHED = 256 * 1024;

export const openBlobFiles = (root: string, cache: ByteCache): BlobFiles => {
  const prepared = new Set<DigestAlgorithm>();
  const inside = new Map<DigestAlgorithm, Promise<boolean>>();
  const path = (digest: Digest): string => join(root, "blobs", digestAlgorithm(digest), digestHex(digest));

  /** True where `blobs/ALG` is there and lies in the layout: a linked directory could lead anywhere. */
  const isInside = async (algorithm: DigestAlgorithm): Promise<boolean> => {
    const known = inside.get(algorithm);
    if (known !== undefined) return known;
    const found = checkInside(root, algorithm);
    inside.set(algorithm, found);
    const there = await found.catch(() => false);
    // Only a directory that is there is remembered: one that is not may be made by anybody.
    if (!there) inside.delete(algorithm);
    return found;
  };

  const makeDirectory = async (algorithm: DigestAlgorithm): Promise<void> => {
    if (prepared.has(algorithm)) return;
    const directory = join(root, "blobs", algorithm);
    if (!(await isInside(algorithm))) await makeDurableDirectory(directory);
    await isInside(algorithm);
    prepared.add(algorithm);
    await sweepTemporaries(directory);
  };

  const sizeOnDisk = async (digest: Digest): Promise<number | undefined> => {
    const found = (await isInside(digestAlgorithm(digest))) ? await fileSize(path(digest)) : undefined;
    if (found === undefined) cache.delete(path(digest));
    return found;
  };

  return {
    path,
    sizeOnDisk,
    list: async () => {
      const lists = await Promise.all((["sha256", "sha512"] as const).map((one) => listFiles(root, one, isInside)));
      return lists.flat();
    },
    size: async (digest) => cache.get(path(digest))?.byteLength ?? sizeOnDisk(digest),
    open: async (digest) => {
      const name = path(digest);
      const cached = cache.get(name);
      if (cached !== undefined) return inMemory(cached);
      if (!(await isInside(digestAlgorithm(digest)))) return undefined;
      const opened = await openRegularFile(name);
      if (opened === undefined || opened.size > MAX_CACHED) return opened && inFile(opened.file, name, opened.size);
      try {
        const bytes = await readSpan(opened.file, name, 0, opened.size);
        cache.set(name, bytes);
        return inMemory(bytes);
      } finally {
        await opened.file.close();
      }
    },
    write: async (expected, bytes) => {
      if (bytes instanceof Uint8Array) checkBytes(expected, bytes);
      // Not out of the cache: another process may have removed the file.
      if ((await sizeOnDisk(expected.digest)) === expected.size) return;
      await makeDirectory(digestAlgorithm(expected.digest));
      cache.delete(path(expected.digest));
      await writeDurably(path(expected.digest), bytes instanceof Uint8Array ? bytes : verifiedBytes(expected, bytes));
    },
    adopt: async (from, digest) => {
      await makeDirectory(digestAlgorithm(digest));
      cache.delete(path(digest));
      await moveDurably(from, path(digest));
    },
    share: async (from, digest) => {
      const source = await from.open(digest);
      if (source === undefined) return false;
      try {
        await makeDirectory(digestAlgorithm(digest));
        if (await linkBlob(from.path(digest), path(digest))) await syncDirectory(join(path(digest), ".."));
        else
          await writeDurably(path(digest), verifiedBytes({ digest, size: source.size }, source.read(0, source.size)));
        return true;
      } finally {
        await source.close();
      }
    },
    remove: async (digest) => {
      const there = (await sizeOnDisk(digest)) !== undefined;
      cache.delete(path(digest));
      await onDisk(path(digest), () => rm(path(digest), { force: true }));
      return there;
    },
  };
};

const listFiles = async (
  root: string,
  algorithm: DigestAlgorithm,
  isInside: (algorithm: DigestAlgorithm) => Promise<boolean>,
): Promise<readonly Digest[]> => {
  if (!(await isInside(algorithm))) return [];
  const directory = join(root, "blobs", algorithm);
  const names = await onDisk(directory, () => readdir(directory));
  return names.map((name) => `${algorithm}:${name}`).filter(isDigest);
};

const checkInside = async (root: string, algorithm: DigestAlgorithm): Promise<boolean> => {
  try {
    const [real, directory] = [await realpath(root), await realpath(join(root, "blobs", algorithm))];
    if (directory.startsWith(real.endsWith(sep) ? real : real + sep)) return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw new WaybillError("STORE_FAILED", `${root}: ${(cause as NodeJS.ErrnoException).code}`, { cause });
  }
  throw new WaybillError("STORE_FAILED", `${join(root, "blobs", algorithm)}: leads out of the layout`);
};

const fileSize = async (path: string): Promise<number | undefined> => {
  try {
    const stat = await lstat(path);
    return stat.isFile() ? stat.size : undefined;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new WaybillError("STORE_FAILED", `${path}: ${(cause as NodeJS.ErrnoException).code}`, { cause });
  }
};

const inMemory = (bytes: Uint8Array): StoredBlob => ({
  size: bytes.byteLength,
  whole: bytes,
  read: async function* (start, end) {
    yield bytes.subarray(start, end);
  },
  close: async () => {},
});

const inFile = (file: FileHandle, path: string, size: number): StoredBlob => ({
  size,
  file,
  read: async function* (start, end) {
    for (let at = start; at < end;) {
      const chunk = await readSpan(file, path, at, Math.min(CHUNK, end - at));
      if (chunk.byteLength === 0) return;
      at += chunk.byteLength;
      yield chunk;
    }
  },
  close: () => file.close(),
});

/** False where the file system has no links across, and a copy is needed. */
const linkBlob = async (from: string, to: string): Promise<boolean> => {
  try {
    await link(from, to);
    return true;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === "EEXIST";
  }
};
