import { basename, join } from "node:path";
import { EMPTY_LAYOUT_INDEX } from "#archive/ociLayout.ts";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import type { StartDigest } from "#core/streamDigest.ts";
import { openArchiveContent } from "#registry/archive/archiveContent.ts";
import type { ArchiveContent } from "#registry/archive/archiveContent.ts";
import { takeWriteLock } from "#registry/layout/writeLock.ts";
import { leftBlobs } from "#registry/archive/leftBlobs.ts";
import type { ArchivePath } from "#registry/archive/tarFile.ts";
import { overlayBlobs } from "#registry/archive/overlayBlobs.ts";
import { packArchive } from "#registry/archive/packArchive.ts";
import { besideArchive, endStaging, prepareStaging } from "#registry/archive/stagingArea.ts";
import { openBlobFiles } from "#registry/layout/blobFiles.ts";
import type { ByteCache } from "#registry/layout/byteCache.ts";
import { moveDurably, writeDurably } from "#registry/layout/durableFile.ts";
import { openLayoutStore } from "#registry/layout/layoutStore.ts";
import type { LayoutStore, LayoutStoreOptions } from "#registry/layout/layoutStore.ts";

/** One writer's work on an archive, in a layout beside it that nobody else sees. */
export interface ArchiveSession {
  /** The archive's content with the changes. */
  readonly store: LayoutStore;
  /** Puts the changed archive into the place of the old one, at once and durably; the old one stays as it is if that fails. */
  readonly save: (ctx: Ctx) => Promise<void>;
  /**
   * Removes the work, but for the blobs where the next run is to use them, and lets the next writer in. What stays, if anything,
   * and where.
   */
  readonly close: (blobs: "keep" | "remove") => Promise<KeptBlobs | undefined>;
}

export interface KeptBlobs {
  readonly directory: string;
  readonly bytes: number;
}

export interface SessionOptions extends ArchivePath, Pick<LayoutStoreOptions, "report"> {
  readonly cache: ByteCache;
  readonly startDigest: StartDigest | undefined;
}

/** Waits for other writers of the archive, and begins with what they have left. */
export const openArchiveSession = async (
  ctx: Ctx,
  { file, path, cache, report, startDigest }: SessionOptions,
  signal?: AbortSignal,
): Promise<ArchiveSession> => {
  const release = await takeWriteLock(besideArchive(file, ".waybill-lock"), "the archive", signal);
  const staging = besideArchive(file, ".waybill");
  let base: ArchiveContent | undefined;
  const close: ArchiveSession["close"] = async (blobs) => {
    try {
      await base?.close();
      const bytes = await endStaging(staging, blobs);
      return bytes > 0 ? { directory: staging, bytes } : undefined;
    } finally {
      await release();
    }
  };
  try {
    base = await openArchiveContent(ctx, { file, path });
    if (base?.kind === "docker") throw unchangeable(path);
    await prepareStaging(staging, base?.index ?? EMPTY_LAYOUT_INDEX);
    const blobs = overlayBlobs(leftBlobs(openBlobFiles(staging, cache)), base?.blobs);
    const store = openLayoutStore({ root: staging, create: false, cache, report, blobs });
    const save = async (saveCtx: Ctx): Promise<void> => {
      const packed = join(staging, basename(file));
      const bytes = await packArchive(saveCtx, { file, index: await store.readIndex(), blobs, base, startDigest });
      await writeDurably(packed, bytes);
      await moveDurably(packed, file);
    };
    return { store, save, close };
  } catch (error) {
    await close("keep");
    throw error;
  }
};

const unchangeable = (path: string): WaybillError =>
  new WaybillError("INPUT_INVALID", `${path}: a docker archive has no place for papers, and is only read`, {
    hint: "Copy the image into a layout or a registry first: waybill copy oci:FILE oci:DIR.",
  });
