import { EMPTY_CONFIG } from "#claims/bundleManifest.ts";
import { writeGoJson } from "#claims/goJson.ts";
import { PREDICATE_TYPES } from "#claims/predicateType.ts";
import type { Descriptor } from "#core/descriptor.ts";
import { rawManifest } from "#core/manifest.ts";
import type { RawManifest } from "#core/manifest.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";

const MEDIA: Readonly<Record<string, string>> = {
  [PREDICATE_TYPES.cyclonedx]: "application/vnd.cyclonedx+json",
  [PREDICATE_TYPES.spdxjson]: "application/spdx+json",
};

/** Media type of the document that is a predicate of this type; undefined for what is no SBOM. */
export const sbomMediaType = (predicateType: string): string | undefined =>
  Object.hasOwn(MEDIA, predicateType) ? MEDIA[predicateType] : undefined;

export interface SbomManifestInput {
  readonly sbom: Pick<Descriptor, "digest" | "size">;
  /** IANA's for the format; it is the artifact type, too. */
  readonly mediaType: string;
  /** The image that the SBOM is of. */
  readonly subject: Pick<Descriptor, "mediaType" | "digest" | "size">;
}

/**
 * The referrer that carries an SBOM as it is, unsigned, as scanners look for it: artifact type and the one layer's type are
 * the document's (Trivy's `--sbom-sources oci`). Nothing in it holds the clock, so that the same SBOM is the same manifest.
 */
export const writeSbomManifest = ({ sbom, mediaType, subject }: SbomManifestInput): RawManifest => {
  const bytes = writeGoJson({
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.ociManifest,
    config: { mediaType: EMPTY_CONFIG.mediaType, size: EMPTY_CONFIG.size, digest: EMPTY_CONFIG.digest },
    layers: [{ mediaType, size: sbom.size, digest: sbom.digest }],
    subject: { mediaType: subject.mediaType, size: subject.size, digest: subject.digest },
    artifactType: mediaType,
  });
  return rawManifest(bytes, MEDIA_TYPE.ociManifest);
};
