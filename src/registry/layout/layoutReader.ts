import { findTag } from "#archive/ociLayout.ts";
import type { LayoutIndex } from "#archive/ociLayout.ts";
import type { Descriptor } from "#core/descriptor.ts";
import { isDigest } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { MAX_MANIFEST_BYTES } from "#core/manifest.ts";
import type { RawManifest } from "#core/manifest.ts";
import { readAll } from "#core/verifiedBytes.ts";
import { findUnlisted } from "#registry/layout/findUnlisted.ts";
import { createManifestGraph } from "#registry/layout/manifestGraph.ts";
import type { StoredBlobs } from "#registry/layout/storedBlobs.ts";

/** What a layout holds, unchecked: of a directory, or of an archive. */
export interface LayoutReader {
  readonly blobs: StoredBlobs;
  readonly readIndex: () => Promise<LayoutIndex>;
  /** The manifest under a tag or digest, as index.json or its parent describes it. */
  readonly findManifest: (name: string | Digest) => Promise<Descriptor | undefined>;
  /** Its bytes, unchecked; undefined when there is no regular file of them, LIMIT_EXCEEDED beyond 4 MiB. */
  readonly readManifest: (descriptor: Descriptor) => Promise<RawManifest | undefined>;
  readonly listReferrers: (subject: Digest) => Promise<readonly Descriptor[]>;
  /** Listed manifests that are missing or cannot be read: their subject is unknown. */
  readonly listUnreadable: () => Promise<readonly Descriptor[]>;
  /** To be told of a manifest whose bytes were removed. */
  readonly forget: (digest: Digest) => void;
}

export interface LayoutReaderOptions {
  readonly blobs: StoredBlobs;
  readonly readIndex: () => Promise<LayoutIndex>;
  /** Told once of each manifest that cannot be read, and so is nobody's referrer. */
  readonly report: (digest: Digest, reason: string) => void;
}

export const openLayoutReader = ({ blobs, readIndex, report }: LayoutReaderOptions): LayoutReader => {
  const readManifest = async ({ digest, mediaType }: Descriptor): Promise<RawManifest | undefined> => {
    // A link or a pipe in its place is not in the layout; one such file must not fail the listing of all others.
    const blob = (await blobs.size(digest)) === undefined ? undefined : await blobs.open(digest);
    if (blob === undefined) return undefined;
    try {
      const bytes = blob.whole ?? (await readAll(blob.read(0, blob.size), MAX_MANIFEST_BYTES, `manifest ${digest}`));
      return { bytes, mediaType, digest };
    } finally {
      await blob.close();
    }
  };
  const graph = createManifestGraph(readManifest, report, (index) => findUnlisted(index, blobs));
  return {
    blobs,
    readIndex,
    readManifest,
    findManifest: async (name) => {
      const index = await readIndex();
      return isDigest(name) ? graph.find(index, name) : findTag(index, name);
    },
    listReferrers: async (subject) => graph.referrers(await readIndex(), subject),
    listUnreadable: async () => graph.unreadable(await readIndex()),
    forget: graph.forget,
  };
};
