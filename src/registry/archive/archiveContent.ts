import { checkLayoutMarker, MAX_INDEX_BYTES, parseLayoutIndex } from "#archive/ociLayout.ts";
import type { LayoutIndex } from "#archive/ociLayout.ts";
import type { Ctx } from "#core/ctx.ts";
import { isDigest } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import { readDockerArchive } from "#registry/archive/dockerArchive.ts";
import { openTarFile } from "#registry/archive/tarFile.ts";
import type { ArchivedBlob, ArchivePath, TarFile, TarSpan } from "#registry/archive/tarFile.ts";
import type { StoredBlob } from "#registry/layout/blobFiles.ts";
import type { StoredBlobs } from "#registry/layout/storedBlobs.ts";

/** What an archive file holds; it does not change while it is open, whatever becomes of the file's name. */
export interface ArchiveContent {
  /** `docker`: of `docker save`, without manifests. Those that are listed were made from its configs and layers. */
  readonly kind: "layout" | "docker";
  readonly index: LayoutIndex;
  readonly blobs: StoredBlobs;
  /** Files that are no part of a layout: other tools', which are kept. */
  readonly extras: readonly { readonly name: string; readonly span: TarSpan }[];
  readonly read: (span: TarSpan) => AsyncIterable<Uint8Array>;
  readonly close: () => Promise<void>;
}

// Papers and manifests; layers are streamed.
const MAX_WHOLE = 256 * 1024;
const LAYOUT_FILES: ReadonlySet<string> = new Set(["oci-layout", "index.json"]);

/** Undefined where there is no file; INPUT_INVALID for an archive of other things, IMAGE_REFUSED for a damaged one. */
export const openArchiveContent = async (ctx: Ctx, place: ArchivePath): Promise<ArchiveContent | undefined> => {
  const tar = await openTarFile(ctx, place);
  if (tar === undefined) return undefined;
  try {
    return await readContent(ctx, tar, place.path);
  } catch (error) {
    await tar.close();
    throw error;
  }
};

const readContent = async (ctx: Ctx, tar: TarFile, path: string): Promise<ArchiveContent> => {
  const marker = await tar.readWhole("oci-layout", 4096);
  if (marker !== undefined) {
    checkLayoutMarker(marker, `${path}: oci-layout`);
    const json = await tar.readWhole("index.json", MAX_INDEX_BYTES);
    if (json === undefined) throw new WaybillError("INPUT_INVALID", `${path}: the layout in it has no index.json`);
    return content("layout", tar, parseLayoutIndex(json, `${path}: index.json`), layoutBlobs(tar));
  }
  const docker = await readDockerArchive(ctx, tar, path);
  if (docker !== undefined) return content("docker", tar, docker.index, docker.blobs);
  throw new WaybillError("INPUT_INVALID", `${path}: is no archive of images`, {
    hint: "An archived layout has oci-layout and index.json at its top, a docker archive has manifest.json.",
  });
};

const content = (
  kind: ArchiveContent["kind"],
  tar: TarFile,
  index: LayoutIndex,
  blobs: ReadonlyMap<Digest, ArchivedBlob>,
): ArchiveContent => ({
  kind,
  index,
  blobs: {
    list: async () => blobs.keys(),
    size: async (digest) => sizeOf(blobs.get(digest)),
    open: async (digest) => {
      const found = blobs.get(digest);
      return found === undefined ? undefined : openBlob(tar, found);
    },
  },
  extras: [...tar.members].flatMap(([name, member]) =>
    member.kind === "file" && !LAYOUT_FILES.has(name) && !name.startsWith("blobs/") ? [{ name, span: member }] : [],
  ),
  read: (span) => tar.readSpan(span, 0, span.size),
  close: tar.close,
});

const sizeOf = (blob: ArchivedBlob | undefined): number | undefined =>
  blob instanceof Uint8Array ? blob.byteLength : blob?.size;

const openBlob = async (tar: TarFile, blob: ArchivedBlob): Promise<StoredBlob> => {
  const whole = blob instanceof Uint8Array ? blob : blob.size <= MAX_WHOLE ? await wholeOf(tar, blob) : undefined;
  const close = async (): Promise<void> => {};
  if (whole === undefined) {
    const span = blob as TarSpan;
    return { size: span.size, read: (from, to) => tar.readSpan(span, from, to), close };
  }
  const read = async function* (from: number, to: number): AsyncGenerator<Uint8Array> {
    yield whole.subarray(from, to);
  };
  return { size: whole.byteLength, whole, read, close };
};

const wholeOf = async (tar: TarFile, span: TarSpan): Promise<Uint8Array> =>
  Buffer.concat(await Array.fromAsync(tar.readSpan(span, 0, span.size)));

/** Regular files `blobs/ALG/HEX`. A link is none: two names of one blob have no use. */
const layoutBlobs = (tar: TarFile): ReadonlyMap<Digest, TarSpan> => {
  const blobs = new Map<Digest, TarSpan>();
  for (const [name, member] of tar.members) {
    const [top, algorithm, hex, more] = name.split("/");
    const digest = `${algorithm}:${hex}`;
    if (top === "blobs" && more === undefined && member.kind === "file" && isDigest(digest)) blobs.set(digest, member);
  }
  return blobs;
};
