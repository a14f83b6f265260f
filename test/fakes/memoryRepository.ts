import type { Repository, WriteCondition } from "#core/content.ts";
import type { Digest } from "#core/digest.ts";
import { isDigest } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import type { RawManifest } from "#core/manifest.ts";
import { MAX_MANIFEST_BYTES } from "#core/manifest.ts";
import { isTag } from "#core/reference.ts";
import { checkBytes, readAll, verifiedBytes } from "#core/verifiedBytes.ts";
import { readManifestLinks } from "#registry/layout/manifestLinks.ts";

/** What a memory repository holds; tests may reach in and damage it. */
export interface MemoryContent {
  readonly blobs: Map<Digest, Uint8Array>;
  readonly manifests: Map<Digest, RawManifest>;
  readonly tags: Map<string, Digest>;
}

/** A repository in memory, with exact ETags. */
export const createMemoryRepository = (
  name = "memory.test/repository",
): Repository & { readonly content: MemoryContent } => {
  const content: MemoryContent = { blobs: new Map(), manifests: new Map(), tags: new Map() };
  const { blobs, manifests, tags } = content;

  const put = (raw: RawManifest, tag: string | undefined, only: WriteCondition = {}): void => {
    if (raw.bytes.byteLength > MAX_MANIFEST_BYTES)
      throw new WaybillError("LIMIT_EXCEEDED", `manifest ${raw.digest}: too large`);
    checkBytes({ digest: raw.digest, size: raw.bytes.byteLength }, raw.bytes);
    if (tag !== undefined && !isTag(tag)) throw new WaybillError("INPUT_INVALID", `${tag}: is no tag`);
    const now = tag === undefined ? undefined : tags.get(tag);
    const changed =
      (only.ifMatch !== undefined && now !== only.ifMatch) || (only.ifAbsent === true && now !== undefined);
    if (tag !== undefined && changed)
      throw new WaybillError("TAG_CONTENDED", `the tag ${tag} was changed by another writer`);
    const { bytes, mediaType, digest } = raw;
    manifests.set(digest, { bytes: Uint8Array.from(bytes), mediaType, digest });
    if (tag !== undefined) tags.set(tag, digest);
  };

  return {
    name,
    content,
    readBlob: async function* (ctx, blob) {
      ctx.signal.throwIfAborted();
      const bytes = blobs.get(blob.digest);
      if (bytes === undefined) throw new WaybillError("NOT_FOUND", `${name}: there is no blob ${blob.digest}`);
      yield* verifiedBytes(blob, chunksOf(bytes));
    },
    hasBlob: async (ctx, digest) => {
      ctx.signal.throwIfAborted();
      return blobs.has(digest);
    },
    writeBlob: async (ctx, blob, bytes) => {
      ctx.signal.throwIfAborted();
      if (bytes instanceof Uint8Array) checkBytes(blob, bytes);
      if (blobs.has(blob.digest)) return;
      const whole = bytes instanceof Uint8Array ? bytes : await readAll(verifiedBytes(blob, bytes), blob.size, "blob");
      ctx.signal.throwIfAborted();
      blobs.set(blob.digest, Uint8Array.from(whole));
    },
    readManifest: async (ctx, reference) => {
      ctx.signal.throwIfAborted();
      const digest = isDigest(reference) ? reference : tags.get(reference);
      const raw = digest === undefined ? undefined : manifests.get(digest);
      if (raw === undefined) return undefined;
      checkBytes({ digest: raw.digest, size: raw.bytes.byteLength }, raw.bytes);
      return { ...raw, etag: raw.digest };
    },
    writeManifest: async (ctx, raw, tag, condition) => {
      ctx.signal.throwIfAborted();
      put(raw, tag, condition);
    },
    deleteManifest: async (ctx, reference) => {
      ctx.signal.throwIfAborted();
      if (!isDigest(reference)) return tags.delete(reference);
      for (const [tag, digest] of tags) if (digest === reference) tags.delete(tag);
      return manifests.delete(reference);
    },
    listTags: async (ctx) => {
      ctx.signal.throwIfAborted();
      return [...tags.keys()].sort();
    },
    listReferrers: async (ctx, subject, query) => {
      ctx.signal.throwIfAborted();
      const links = [...manifests.values()].map(readManifestLinks);
      const all = links.filter((one) => one.subject === subject).map((one) => one.referrer);
      return query === undefined ? all : all.filter(query.wants);
    },
    writeReferrers: async (ctx, subject, written) => {
      ctx.signal.throwIfAborted();
      for (const raw of written) {
        if (readManifestLinks(raw).subject !== subject)
          throw new WaybillError("INPUT_INVALID", `manifest ${raw.digest}: its subject is not ${subject}`);
      }
      for (const raw of written) put(raw, undefined);
      return [];
    },
  };
};

async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += 64 * 1024) yield bytes.subarray(at, at + 64 * 1024);
}
