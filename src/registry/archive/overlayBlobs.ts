import type { Digest } from "#core/digest.ts";
import { checkBytes } from "#core/verifiedBytes.ts";
import type { BlobFiles } from "#registry/layout/blobFiles.ts";
import type { StoredBlobs } from "#registry/layout/storedBlobs.ts";

/**
 * Blob files over those of an archive, which cannot be changed in place. Listed is what is to be in the next one: of the files,
 * those that were written, or asked for and found, so that what an interrupted run had left counts once it is wanted.
 */
export const overlayBlobs = (files: BlobFiles, beneath: StoredBlobs | undefined): BlobFiles => {
  const added = new Set<Digest>();
  const removed = new Set<Digest>();

  const below = async (digest: Digest): Promise<number | undefined> =>
    removed.has(digest) ? undefined : beneath?.size(digest);

  const add = (digest: Digest): void => {
    added.add(digest);
    removed.delete(digest);
  };

  return {
    ...files,
    list: async () => {
      const kept = [...((await beneath?.list()) ?? [])].filter((digest) => !removed.has(digest));
      return new Set([...kept, ...added]);
    },
    size: async (digest) => {
      const size = await files.size(digest);
      if (size === undefined) return below(digest);
      added.add(digest);
      return size;
    },
    sizeOnDisk: async (digest) => (await files.sizeOnDisk(digest)) ?? below(digest),
    open: async (digest) => (await files.open(digest)) ?? (removed.has(digest) ? undefined : beneath?.open(digest)),
    write: async (expected, bytes) => {
      if (bytes instanceof Uint8Array) checkBytes(expected, bytes);
      if ((await below(expected.digest)) === expected.size) return;
      await files.write(expected, bytes);
      add(expected.digest);
    },
    remove: async (digest) => {
      const there = (await files.remove(digest)) || (await below(digest)) !== undefined;
      added.delete(digest);
      removed.add(digest);
      return there;
    },
  };
};
