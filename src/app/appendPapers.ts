import { appendLegacyLayers, readLegacyLayers } from "#claims/legacyImage.ts";
import type { LegacyPaper } from "#claims/legacyImage.ts";
import type { Descriptor } from "#core/descriptor.ts";
import type { PublicKey } from "#core/keyAlgorithm.ts";
import type { RawManifest } from "#core/manifest.ts";
import type { PaperPlace, TagMergeResult } from "#core/content.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { checkSignature } from "#trust/checkSignature.ts";

const SIGNATURE = "dev.cosignproject.cosign/signature";

/**
 * The merge of a legacy tag: whatever is there stays in its place, our layers that are missing come after it. A signature
 * layer is there already when the payload is equal and its signature verifies under our key, whoever of us wrote it.
 */
export const appendPapers =
  (papers: readonly LegacyPaper[], key: PublicKey, types: PaperPlace["legacyTypes"]) =>
  (current: RawManifest | undefined): TagMergeResult => {
    const there = current === undefined ? [] : readLegacyLayers(current);
    const missing = papers.filter((paper) => !there.some((layer) => isSame(layer, paper, key)));
    if (current !== undefined && missing.length === 0) return { kind: "unchanged" };
    const { manifest, config } = appendLegacyLayers(
      current,
      missing.map(({ layer }) => layer),
      types,
    );
    return { kind: "write", manifest, blobs: [config] };
  };

const isSame = (layer: Descriptor, paper: LegacyPaper, key: PublicKey): boolean => {
  if (layer.digest !== paper.layer.digest || layer.mediaType !== paper.layer.mediaType) return false;
  if (layer.mediaType !== MEDIA_TYPE.simpleSigning) return true;
  const signature = layer.annotations?.[SIGNATURE] ?? "";
  return checkSignature(key, paper.bytes, Buffer.from(signature, "base64")) !== undefined;
};
