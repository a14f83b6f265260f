import { isBundleType } from "#claims/bundleDocument.ts";
import { sortedMap, writeGoJson } from "#claims/goJson.ts";
import type { Descriptor } from "#core/descriptor.ts";
import { digestOf } from "#core/digest.ts";
import { rawManifest } from "#core/manifest.ts";
import type { Manifest, RawManifest } from "#core/manifest.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";

const EMPTY = Buffer.from("{}");

/** The config of manifests that carry a bundle: `{}` (OCI image-spec, "Guidance for an Empty Descriptor"). */
export const EMPTY_CONFIG = {
  mediaType: MEDIA_TYPE.ociEmpty,
  digest: digestOf(EMPTY),
  size: EMPTY.byteLength,
  bytes: EMPTY,
} as const;

export interface BundleManifestInput {
  readonly bundle: Pick<Descriptor, "digest" | "size">;
  readonly predicateType: string;
  /** The image or index that the bundle speaks of. */
  readonly subject: Pick<Descriptor, "mediaType" | "digest" | "size">;
}

/**
 * The referrer that carries a bundle, as cosign writes it (cosign.md 2.1) but without `org.opencontainers.image.created`:
 * nothing holds the clock, so that the same bundle is the same manifest.
 */
export const writeBundleManifest = ({ bundle, predicateType, subject }: BundleManifestInput): RawManifest => {
  const bytes = writeGoJson({
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.ociManifest,
    // The unusual artifactType within the descriptor is what `cosign clean` looks at.
    config: {
      mediaType: EMPTY_CONFIG.mediaType,
      size: EMPTY_CONFIG.size,
      digest: EMPTY_CONFIG.digest,
      artifactType: MEDIA_TYPE.bundle,
    },
    layers: [{ mediaType: MEDIA_TYPE.bundle, size: bundle.size, digest: bundle.digest }],
    annotations: sortedMap({
      "dev.sigstore.bundle.content": "dsse-envelope",
      "dev.sigstore.bundle.predicateType": predicateType,
    }),
    subject: { mediaType: subject.mediaType, size: subject.size, digest: subject.digest },
    artifactType: MEDIA_TYPE.bundle,
  });
  return rawManifest(bytes, MEDIA_TYPE.ociManifest);
};

/** The one layer of a manifest that carries a bundle; undefined for every other manifest (cosign.md 2.5). */
export const bundleLayerOf = (manifest: Manifest): Descriptor | undefined => {
  if (manifest.kind !== "image" || manifest.layers.length !== 1) return undefined;
  const [layer] = manifest.layers;
  return layer !== undefined && isBundleType(layer.mediaType) ? layer : undefined;
};
