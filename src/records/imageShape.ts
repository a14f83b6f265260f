import type { Digest } from "#core/digest.ts";
import type { Tenant } from "#records/build.ts";

/**
 * What an image consists of, out of its manifest and configuration: an index entry, the image itself is in the registry. All of
 * its texts are the image author's choice; they are of limited length and without control characters.
 */
export interface ImageShape {
  readonly tenant: Tenant;
  readonly digest: Digest;
  readonly mediaType: string;
  /** `os/architecture[/variant]`; undefined for an index, and for an artifact that is no container image. */
  readonly platform: string | undefined;
  /** Lowest first; none for an index. */
  readonly layers: readonly ImageLayer[];
  /** What an index names; none for an image. */
  readonly images: readonly IndexedImage[];
}

export interface ImageLayer {
  readonly digest: Digest;
  /** Bytes as stored. */
  readonly size: number;
  readonly mediaType: string;
  /** The command that made it; undefined where the configuration's history does not fit the layers. */
  readonly createdBy: string | undefined;
  /** Milliseconds since 1970. */
  readonly createdAt: number | undefined;
}

export interface IndexedImage {
  readonly digest: Digest;
  /** As the index says. */
  readonly platform: string;
}
