import type { Platform } from "#core/descriptor.ts";
import type { Digest } from "#core/digest.ts";
import type { BaseImage } from "#sbom/findBase.ts";
import type { ImageScan } from "#sbom/scanImage.ts";

/** The image that a list of contents is about: one platform. */
export interface SbomImage {
  /** Path of the repository, without host and tag: the same image on another host gives the same document. */
  readonly name: string;
  /** Of the platform's manifest. */
  readonly digest: Digest;
  readonly platform: Pick<Platform, "os" | "architecture" | "variant">;
  readonly configDigest: Digest;
  /** Time of the document, RFC 3339: when the image was made, or SOURCE_DATE_EPOCH. Left out when it is no time. */
  readonly created: string | undefined;
  /** Host and path, only when the document is to say where the image lies. */
  readonly repositoryUrl?: string;
  readonly tag?: string;
}

/** Everything a document about an image's contents says, in no particular format. */
export interface Sbom extends ImageScan {
  readonly image: SbomImage;
  /** Undefined where nothing says what the image was built on. */
  readonly base: BaseImage | undefined;
}
