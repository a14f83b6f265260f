import { lstat, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { EMPTY_LAYOUT_INDEX, formatLayoutIndex, LAYOUT_MARKER } from "#archive/ociLayout.ts";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import { openArchiveContent } from "#registry/archive/archiveContent.ts";
import type { ArchiveContent } from "#registry/archive/archiveContent.ts";
import { lockArchive } from "#registry/archive/archiveLock.ts";
import type { ArchivePath } from "#registry/archive/tarFile.ts";
import { overlayBlobs } from "#registry/archive/overlayBlobs.ts";
import { packArchive } from "#registry/archive/packArchive.ts";
import { openBlobFiles } from "#registry/layout/blobFiles.ts";
import type { ByteCache } from "#registry/layout/byteCache.ts";
import { moveDurably, writeDurably } from "#registry/layout/durableFile.ts";
import { onDisk } from "#registry/layout/onDisk.ts";
import { openLayoutStore } from "#registry/layout/layoutStore.ts";
import type { LayoutStore, LayoutStoreOptions } from "#registry/layout/layoutStore.ts";

/** One writer's work on an archive, in a layout beside it that nobody else sees. */
export interface ArchiveSession {
  /** The archive's content with the changes. */
  readonly store: LayoutStore;
  /** Puts the changed archive into the place of the old one, at once and durably; the old one stays as it is if that fails. */
  readonly save: (ctx: Ctx) => Promise<void>;
  /** Removes the work and lets the next writer in. */
  readonly close: () => Promise<void>;
}

export interface SessionOptions extends ArchivePath, Pick<LayoutStoreOptions, "report"> {
  readonly cache: ByteCache;
}

/** Waits for other writers of the archive, and begins with what they have left. */
export const openArchiveSession = async (
  ctx: Ctx,
  { file, path, cache, report }: SessionOptions,
  signal?: AbortSignal,
): Promise<ArchiveSession> => {
  const release = await lockArchive(besides(file, ".waybill-lock"), signal);
  const staging = besides(file, ".waybill");
  let base: ArchiveContent | undefined;
  const close = async (): Promise<void> => {
    try {
      await base?.close();
      await rm(staging, { recursive: true, force: true });
    } finally {
      await release();
    }
  };
  try {
    base = await openArchiveContent(ctx, { file, path });
    if (base?.kind === "docker") throw unchangeable(path);
    await prepare(staging, formatLayoutIndex(base?.index ?? EMPTY_LAYOUT_INDEX));
    const blobs = overlayBlobs(openBlobFiles(staging, cache), base?.blobs);
    const store = openLayoutStore({ root: staging, create: false, cache, report, blobs });
    const save = async (saveCtx: Ctx): Promise<void> => {
      const packed = join(staging, basename(file));
      const bytes = await packArchive(saveCtx, { file, index: await store.readIndex(), blobs, base });
      await writeDurably(packed, bytes);
      await moveDurably(packed, file);
    };
    return { store, save, close };
  } catch (error) {
    await close();
    throw error;
  }
};

const besides = (path: string, ending: string): string => join(dirname(path), `.${basename(path)}${ending}`);

/**
 * Only one writer comes here at a time, so what lies here is of one that was killed: its blobs spare us their transfer, each
 * under its digest and checked when it is packed; what it had listed is not taken over.
 */
const prepare = async (staging: string, index: string): Promise<void> => {
  await onDisk(staging, async () => {
    await mkdir(staging, { recursive: true, mode: 0o700 });
    if (!(await lstat(staging)).isDirectory()) throw new WaybillError("STORE_FAILED", `${staging}: is no directory`);
    for (const name of await readdir(staging))
      if (name !== "blobs") await rm(join(staging, name), { recursive: true, force: true });
    await writeFile(join(staging, "index.json"), index);
    await writeFile(join(staging, "oci-layout"), LAYOUT_MARKER);
  });
};

const unchangeable = (path: string): WaybillError =>
  new WaybillError("INPUT_INVALID", `${path}: a docker archive has no place for papers, and is only read`, {
    hint: "Copy the image into a layout or a registry first: waybill copy oci:FILE oci:DIR.",
  });
