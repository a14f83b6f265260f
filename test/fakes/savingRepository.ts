import type { Repository } from "#core/content.ts";
import type { Descriptor } from "#core/descriptor.ts";
import { rawManifest } from "#core/manifest.ts";
import type { RawManifest } from "#core/manifest.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { openArchive } from "#registry/archive/openArchive.ts";
import type { OpenArchive } from "#registry/archive/openArchive.ts";
import { testCtx } from "./testCtx.ts";

const holderOf = (blob: Pick<Descriptor, "digest" | "size">): RawManifest => {
  const body = {
    schemaVersion: 2,
    config: { mediaType: MEDIA_TYPE.ociEmpty, digest: blob.digest, size: blob.size },
    layers: [],
  };
  return rawManifest(Buffer.from(JSON.stringify(body)), MEDIA_TYPE.ociManifest);
};

/** An archive as a store without a memory: every call is a session of its own that ends with a saved file. */
export const openSavingRepository = (path: string): Repository => {
  const openNow = (): Promise<OpenArchive> => openArchive(testCtx(), { path, create: true });
  const call = async <T>(run: (repository: Repository) => Promise<T>): Promise<T> => {
    const archive = await openNow();
    try {
      const result = await run(archive.repository);
      await archive.finish(testCtx(), "save");
      return result;
    } catch (error) {
      await archive.finish(testCtx(), "discard");
      throw error;
    }
  };
  return {
    name: `oci:${path}`,
    readBlob: async function* (ctx, blob) {
      const archive = await openNow();
      try {
        yield* archive.repository.readBlob(ctx, blob);
      } finally {
        await archive.finish(testCtx(), "discard");
      }
    },
    hasBlob: (ctx, digest) => call((one) => one.hasBlob(ctx, digest)),
    writeBlob: (ctx, blob, bytes) =>
      call(async (one) => {
        await one.writeBlob(ctx, blob, bytes);
        // Blobs alone are not saved.
        await one.writeManifest(ctx, holderOf(blob), undefined);
      }),
    readManifest: (ctx, name) => call((one) => one.readManifest(ctx, name)),
    writeManifest: (ctx, raw, tag, condition) => call((one) => one.writeManifest(ctx, raw, tag, condition)),
    deleteManifest: (ctx, name) => call((one) => one.deleteManifest(ctx, name)),
    listTags: (ctx) => call((one) => one.listTags(ctx)),
    listReferrers: (ctx, subject, query) => call((one) => one.listReferrers(ctx, subject, query)),
    writeReferrers: (ctx, subject, raws) => call((one) => one.writeReferrers(ctx, subject, raws)),
  };
};
