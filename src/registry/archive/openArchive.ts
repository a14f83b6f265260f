import { realpath } from "node:fs/promises";
import { resolve } from "node:path";
import { EMPTY_LAYOUT_INDEX } from "#archive/ociLayout.ts";
import type { Repository } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError, hasCode } from "#core/errors.ts";
import type { StartDigest } from "#core/streamDigest.ts";
import { openArchiveContent } from "#registry/archive/archiveContent.ts";
import type { ArchiveContent } from "#registry/archive/archiveContent.ts";
import { openArchiveSession } from "#registry/archive/archiveSession.ts";
import type { ArchiveSession, KeptBlobs } from "#registry/archive/archiveSession.ts";
import { createByteCache } from "#registry/layout/byteCache.ts";
import { openLayoutReader } from "#registry/layout/layoutReader.ts";
import type { LayoutReader } from "#registry/layout/layoutReader.ts";
import type { StoredBlobs } from "#registry/layout/storedBlobs.ts";
import { layoutRepository } from "#registry/layout/layoutRepository.ts";
import type { CheckedLayout } from "#registry/layout/layoutRepository.ts";

export interface ArchiveOptions {
  /** The file. */
  readonly path: string;
  /** Where there is none, reads answer "not there" and saving makes one. */
  readonly create: boolean;
  /** Where layers are hashed; here, when not given. */
  readonly startDigest?: StartDigest | undefined;
}

/** An archive that is open. Nothing of what is written is in the file before it is saved. */
export interface OpenArchive {
  readonly repository: Repository;
  /**
   * Writes the file anew where a manifest or a tag was written or removed, as a whole or not at all; then, or on `discard`, ends
   * it. Blobs that are not saved are left to the next run, with a warning that says where, unless it was the disk that failed.
   */
  readonly finish: (ctx: Ctx, outcome: "save" | "discard") => Promise<void>;
}

const CACHE_BYTES = 16 * 1024 * 1024;

/**
 * A tar archive of an OCI layout (plain, gzip, zstd), or of `docker save` for reading, as a repository. The first write waits
 * until no other process writes it, and keeps others out until `finish`. NOT_FOUND where there is no file and `create` is
 * false; INPUT_INVALID and IMAGE_REFUSED for what is no such archive.
 */
export const openArchive = async (ctx: Ctx, options: ArchiveOptions): Promise<OpenArchive> => {
  const { path, create, startDigest } = options;
  // A link is followed once: what is replaced is the file, not the link.
  const file = await realpath(path).catch(() => resolve(path));
  const report = (digest: string, reason: string): void =>
    ctx.log("warn", "manifest skipped", { archive: path, digest, reason });
  const before = await openArchiveContent(ctx, { file, path });
  if (before === undefined && !create) {
    throw new WaybillError("NOT_FOUND", `${path}: there is no archive here`, { hint: "Check the path." });
  }
  const reader = readerOf(before, report);
  const cache = createByteCache(CACHE_BYTES);
  let session: Promise<ArchiveSession> | undefined;
  let changed = false;
  let diskFailed = false;

  const current = async (): Promise<LayoutReader> => (session === undefined ? reader : (await session).store);
  const begin = (signal?: AbortSignal): Promise<ArchiveSession> => {
    session ??= openArchiveSession(ctx, { file, path, cache, report, startDigest }, signal);
    return session;
  };

  const noticed = async <T>(run: Promise<T>): Promise<T> => {
    try {
      return await run;
    } catch (error) {
      diskFailed ||= hasCode(error, "STORE_FAILED");
      throw error;
    }
  };

  const store: CheckedLayout = {
    make: async (signal) => void (await begin(signal)),
    blobs: {
      open: async (digest) => (await current()).blobs.open(digest),
      size: async (digest) => (await current()).blobs.size(digest),
      write: async (expected, bytes) => {
        await noticed((await begin()).store.blobs.write(expected, bytes));
      },
    },
    readIndex: async () => (await current()).readIndex(),
    findManifest: async (name) => (await current()).findManifest(name),
    readManifest: async (descriptor) => (await current()).readManifest(descriptor),
    listReferrers: async (subject) => (await current()).listReferrers(subject),
    listUnreadable: async () => (await current()).listUnreadable(),
    putManifest: async (raw, tag, condition, signal) => {
      await noticed((await begin(signal)).store.putManifest(raw, tag, condition, signal));
      changed = true;
    },
    removeManifest: async (name, signal) => {
      const removed = await (await begin(signal)).store.removeManifest(name, signal);
      changed ||= removed;
      return removed;
    },
  };
  const repository = layoutRepository(`oci:${path}`, store, startDigest);

  const finish: OpenArchive["finish"] = async (finishCtx, outcome) => {
    await before?.close();
    // One that could not begin was told of when it was wanted.
    const opened = await session?.catch(() => undefined);
    if (opened === undefined) return;
    let saved = false;
    try {
      // Blobs alone are of an image that has not come whole.
      if (outcome === "save" && changed) {
        await noticed(opened.save(finishCtx));
        saved = true;
      }
    } finally {
      // A disk without space is given back what was taken; anything else may go better the next time.
      const kept = await opened.close(saved || diskFailed ? "remove" : "keep");
      if (kept !== undefined) finishCtx.emit({ kind: "warning", message: tellKept(path, kept) });
    }
  };
  return { repository, finish };
};

const readerOf = (
  content: ArchiveContent | undefined,
  report: (digest: string, reason: string) => void,
): LayoutReader =>
  openLayoutReader({
    blobs: content?.blobs ?? NO_BLOBS,
    readIndex: async () => content?.index ?? EMPTY_LAYOUT_INDEX,
    report,
  });

const tellKept = (path: string, { directory, bytes }: KeptBlobs): string =>
  `what was fetched for ${path} stays in ${directory} (${(bytes / 1e6).toFixed(1)} MB): the next run goes on from there`;

const NO_BLOBS: StoredBlobs = { open: async () => undefined, size: async () => undefined, list: async () => [] };
