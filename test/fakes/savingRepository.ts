import type { Repository } from "#core/content.ts";
import { openArchive } from "#registry/archive/openArchive.ts";
import type { OpenArchive } from "#registry/archive/openArchive.ts";
import { testCtx } from "./testCtx.ts";

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
    writeBlob: (ctx, blob, bytes) => call((one) => one.writeBlob(ctx, blob, bytes)),
    readManifest: (ctx, name) => call((one) => one.readManifest(ctx, name)),
    writeManifest: (ctx, raw, tag, condition) => call((one) => one.writeManifest(ctx, raw, tag, condition)),
    deleteManifest: (ctx, name) => call((one) => one.deleteManifest(ctx, name)),
    listTags: (ctx) => call((one) => one.listTags(ctx)),
    listReferrers: (ctx, subject, query) => call((one) => one.listReferrers(ctx, subject, query)),
    writeReferrers: (ctx, subject, raws) => call((one) => one.writeReferrers(ctx, subject, raws)),
  };
};
