import type { Digest } from "#core/digest.ts";
import type { StoredBlob } from "#registry/layout/blobFiles.ts";

/** Blobs of a layout as they lie there, unchecked. */
export interface StoredBlobs {
  readonly open: (digest: Digest) => Promise<StoredBlob | undefined>;
  /** Bytes of the blob, undefined when it is not there. */
  readonly size: (digest: Digest) => Promise<number | undefined>;
  /** All that are there, in no order. */
  readonly list: () => Promise<Iterable<Digest>>;
}
