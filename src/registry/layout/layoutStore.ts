import { findTag, putManifest, removeManifest, removeTag } from "#archive/ociLayout.ts";
import { isDigest } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import type { Descriptor } from "#core/descriptor.ts";
import { WaybillError, hasCode } from "#core/errors.ts";
import { manifestDescriptor } from "#core/manifest.ts";
import type { RawManifest } from "#core/manifest.ts";
import { openBlobFiles } from "#registry/layout/blobFiles.ts";
import type { BlobFiles } from "#registry/layout/blobFiles.ts";
import type { ByteCache } from "#registry/layout/byteCache.ts";
import { openIndexFile } from "#registry/layout/indexFile.ts";
import { readManifestLinks } from "#registry/layout/manifestLinks.ts";
import { openLayoutReader } from "#registry/layout/layoutReader.ts";
import type { LayoutReader } from "#registry/layout/layoutReader.ts";

/** Decides whether a tag may be written, given what it names now. */
export type TagCondition = (current: Digest | undefined) => boolean;

/**
 * One layout directory as it is: what it holds is given out unchecked. The `Repository` over it (openLayout.ts) checks;
 * the registry server leaves that to whoever asked.
 */
export interface LayoutStore extends LayoutReader {
  readonly blobs: BlobFiles;
  /** Makes the layout where there is none yet; before anything is put into `blobs`. */
  readonly make: (signal?: AbortSignal) => Promise<void>;
  /**
   * Durable when it resolves; TAG_CONTENDED when the condition says no, BLOB_UNKNOWN when one of the blobs that it `needs`
   * is not there, or is collected as garbage at this moment. The signal ends the wait for other writers.
   */
  readonly putManifest: (
    raw: RawManifest,
    tag: string | undefined,
    condition?: TagCondition,
    signal?: AbortSignal,
    needs?: readonly Digest[],
  ) => Promise<void>;
  /** A tag, or a manifest with all its tags and its bytes; false when it was not there. */
  readonly removeManifest: (name: string | Digest, signal?: AbortSignal) => Promise<boolean>;
}

export interface LayoutStoreOptions {
  readonly root: string;
  /** A layout that is not there reads as empty and is made by the first write. */
  readonly create: boolean;
  readonly cache: ByteCache;
  /** Told once of each manifest that cannot be read, and so is nobody's referrer. */
  readonly report: (digest: Digest, reason: string) => void;
  /** Where its blobs are; its own files where nothing is said. */
  readonly blobs?: BlobFiles;
}

export const openLayoutStore = (options: LayoutStoreOptions): LayoutStore => {
  const { root, create, cache, report, blobs = openBlobFiles(root, cache) } = options;
  const indexFile = openIndexFile(root, create);

  const reader = openLayoutReader({ blobs, readIndex: indexFile.read, report });

  const removeByDigest = async (digest: Digest, signal: AbortSignal | undefined): Promise<boolean> => {
    // Only manifests are deleted here: a child that is not listed counts, a layer does not.
    if ((await reader.findManifest(digest)) === undefined) return false;
    let there = false;
    await indexFile.change({
      signal,
      apply: async (index) => removeManifest(index, digest),
      // The bytes go last: a crash in between leaves a file too many, never an entry without its file.
      after: async () => {
        there = await blobs.remove(digest);
        reader.forget(digest);
      },
    });
    return there;
  };

  const removeByTag = async (tag: string, signal: AbortSignal | undefined): Promise<boolean> => {
    if (!(await indexFile.read()).byTag.has(tag)) return false;
    let there = false;
    await indexFile.change({
      signal,
      apply: async (index) => {
        there = index.byTag.has(tag);
        return removeTag(index, tag);
      },
    });
    return there;
  };

  return {
    ...reader,
    blobs,
    make: indexFile.make,
    putManifest: async (raw, tag, condition, signal, needs = []) => {
      const descriptor = describeEntry(raw);
      await indexFile.make(signal);
      await blobs.write(descriptor, raw.bytes);
      await indexFile.change({
        signal,
        apply: async (index) => {
          if (tag !== undefined && condition?.(findTag(index, tag)?.digest) === false) throw contended(tag);
          await checkThere(blobs, needs);
          // Again, under the lock: somebody may have removed the file since. Does nothing where it is still there.
          await blobs.write(descriptor, raw.bytes);
          return putManifest(index, descriptor, tag);
        },
      });
    },
    removeManifest: (name, signal) => (isDigest(name) ? removeByDigest(name, signal) : removeByTag(name, signal)),
  };
};

/** Referrers are listed with their type and annotations, for tools that look there. */
const describeEntry = (raw: RawManifest): Descriptor => {
  try {
    const { subject, referrer } = readManifestLinks(raw);
    return subject === undefined ? manifestDescriptor(raw) : referrer;
  } catch (error) {
    if (!hasCode(error, "INPUT_INVALID", "LIMIT_EXCEEDED")) throw error;
    return manifestDescriptor(raw);
  }
};

const checkThere = async (blobs: BlobFiles, digests: readonly Digest[]): Promise<void> => {
  for (const digest of new Set(digests))
    if ((await blobs.sizeOnDisk(digest)) === undefined)
      throw new WaybillError("BLOB_UNKNOWN", `the blob ${digest} is not in this repository`);
};

const contended = (tag: string): WaybillError =>
  new WaybillError("TAG_CONTENDED", `the tag ${JSON.stringify(tag)} was changed by another writer`);
