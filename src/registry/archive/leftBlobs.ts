import type { Digest } from "#core/digest.ts";
import { hasCode } from "#core/errors.ts";
import { verifiedBytes } from "#core/verifiedBytes.ts";
import type { BlobFiles } from "#registry/layout/blobFiles.ts";

/**
 * Blob files of which a run that was cut off has left some. One of those is believed once all its bytes were read and are
 * what its name says, when it is first asked for; one that is damaged is removed, and so fetched again.
 */
export const leftBlobs = (files: BlobFiles): BlobFiles => {
  const looked = new Map<Digest, Promise<void>>();
  const look = (digest: Digest): Promise<void> => {
    const looking = looked.get(digest) ?? inspect(files, digest);
    looked.set(digest, looking);
    return looking;
  };
  const after =
    <A extends readonly unknown[], T>(run: (digest: Digest, ...rest: A) => Promise<T>) =>
    async (digest: Digest, ...rest: A): Promise<T> => {
      await look(digest);
      return run(digest, ...rest);
    };
  return {
    ...files,
    size: after(files.size),
    sizeOnDisk: after(files.sizeOnDisk),
    open: after(files.open),
    write: async (expected, bytes) => {
      await look(expected.digest);
      await files.write(expected, bytes);
    },
  };
};

const inspect = async (files: BlobFiles, digest: Digest): Promise<void> => {
  if ((await files.sizeOnDisk(digest)) === undefined) return;
  const blob = await files.open(digest);
  if (blob === undefined) return;
  try {
    const checked = verifiedBytes({ digest, size: blob.size }, blob.read(0, blob.size));
    for await (const _ of checked);
  } catch (error) {
    if (!hasCode(error, "DIGEST_MISMATCH", "SIZE_SHORT", "SIZE_LONG")) throw error;
    await files.remove(digest);
  } finally {
    await blob.close();
  }
};
