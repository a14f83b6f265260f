import type { Repository, WriteCondition } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import type { Descriptor } from "#core/descriptor.ts";
import { isDigest } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import { mapLimited } from "#core/limit.ts";
import { MAX_MANIFEST_BYTES } from "#core/manifest.ts";
import type { RawManifest } from "#core/manifest.ts";
import { isTag } from "#core/reference.ts";
import type { StartDigest } from "#core/streamDigest.ts";
import { checkBytes, verifiedBytes, watchedBytes } from "#core/verifiedBytes.ts";
import type { BlobFiles } from "#registry/layout/blobFiles.ts";
import type { LayoutStore, TagCondition } from "#registry/layout/layoutStore.ts";
import { readManifestLinks } from "#registry/layout/manifestLinks.ts";

const WRITES = 8;

/** What a repository needs of a layout, be it a directory or an archive. */
export interface CheckedLayout extends Omit<LayoutStore, "blobs" | "forget"> {
  readonly blobs: Pick<BlobFiles, "open" | "size" | "write">;
}

/** A layout as a repository: everything that it gives out is checked. ETags are digests, and conditions on them are exact. */
export const layoutRepository = (name: string, store: CheckedLayout, startDigest?: StartDigest): Repository => {
  const writeOne = async (
    call: Ctx,
    raw: RawManifest,
    tag: string | undefined,
    only?: WriteCondition,
  ): Promise<void> => {
    call.signal.throwIfAborted();
    if (tag !== undefined && !isTag(tag)) throw new WaybillError("INPUT_INVALID", `${JSON.stringify(tag)}: is no tag`);
    if (raw.bytes.byteLength > MAX_MANIFEST_BYTES)
      throw new WaybillError("LIMIT_EXCEEDED", `manifest ${raw.digest}: larger than ${MAX_MANIFEST_BYTES} bytes`);
    const condition = only && readCondition(only);
    await store.putManifest(raw, tag, condition, call.signal);
  };

  return {
    name,
    readBlob: (call, blob) => verifiedBytes(blob, readStored(name, store, call, blob.digest), startDigest),
    hasBlob: async (call, digest) => {
      call.signal.throwIfAborted();
      return (await store.blobs.size(digest)) !== undefined;
    },
    writeBlob: async (call, blob, bytes) => {
      call.signal.throwIfAborted();
      await store.make(call.signal);
      await store.blobs.write(blob, bytes instanceof Uint8Array ? bytes : untilAborted(call, bytes));
    },
    readManifest: async (call, reference) => {
      call.signal.throwIfAborted();
      const found = await store.findManifest(reference);
      if (found === undefined) return undefined;
      const raw = await store.readManifest(found);
      if (raw === undefined) return lost(name, reference, found.digest);
      checkBytes(found, raw.bytes);
      return { ...raw, etag: raw.digest };
    },
    writeManifest: (call, raw, tag, condition) => writeOne(call, raw, tag, condition),
    deleteManifest: async (call, reference) => {
      call.signal.throwIfAborted();
      return store.removeManifest(reference, call.signal);
    },
    listTags: async (call) => {
      call.signal.throwIfAborted();
      return [...(await store.readIndex()).byTag.keys()].sort();
    },
    listReferrers: async (call, subject, query) => {
      call.signal.throwIfAborted();
      // Nobody knows whose papers these are; left out, an image could be called unsigned though its paper was lost.
      const lost = (await store.listUnreadable()).filter(saysBundle);
      const all = [...(await store.listReferrers(subject)), ...lost];
      return query === undefined ? all : all.filter(query.wants);
    },
    writeReferrers: async (call, subject, manifests) => {
      for (const raw of manifests) {
        if (readManifestLinks(raw).subject !== subject)
          throw new WaybillError("INPUT_INVALID", `manifest ${raw.digest}: its subject is not ${subject}`);
      }
      await mapLimited(manifests, WRITES, (raw) => writeOne(call, raw, undefined));
      return [];
    },
  };
};

const readCondition =
  ({ ifMatch, ifAbsent = false }: WriteCondition): TagCondition =>
  (current) =>
    (ifMatch === undefined || current === ifMatch) && !(ifAbsent && current !== undefined);

/** True where whoever listed the manifest says that it carries a Sigstore bundle (cosign.md 2.1). */
const saysBundle = ({ artifactType, annotations }: Descriptor): boolean =>
  artifactType?.startsWith("application/vnd.dev.sigstore.bundle") === true ||
  Object.keys(annotations ?? {}).some((name) => name.startsWith("dev.sigstore.bundle."));

/** A child that was never copied is absent; a tag on bytes that are gone is damage, and no "not there". */
const lost = (name: string, reference: string, digest: string): undefined => {
  if (isDigest(reference)) return undefined;
  throw new WaybillError("NOT_FOUND", `${name}: the tag ${reference} names ${digest}, whose bytes are missing`, {
    hint: "The layout is damaged; copy the image into it again.",
  });
};

async function* readStored(
  name: string,
  { blobs }: CheckedLayout,
  ctx: Ctx,
  digest: Digest,
): AsyncGenerator<Uint8Array> {
  const opened = await blobs.open(digest);
  if (opened === undefined) {
    throw new WaybillError("NOT_FOUND", `${name}: there is no blob ${digest}`, {
      hint: "The layout is not complete; copy it again from where it came from.",
    });
  }
  try {
    ctx.signal.throwIfAborted();
    yield* untilAborted(ctx, opened.read(0, opened.size));
  } finally {
    await opened.close();
  }
}

const untilAborted = ({ signal }: Ctx, bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> =>
  watchedBytes(bytes, () => signal.throwIfAborted());
