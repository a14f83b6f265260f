import { appendLegacyLayers, readLegacyLayers } from "#claims/legacyImage.ts";
import type { LegacyPaper } from "#claims/legacyImage.ts";
import type { PaperPlace, TagMergeResult } from "#core/content.ts";
import type { Descriptor } from "#core/descriptor.ts";
import type { RawManifest } from "#core/manifest.ts";

/** Whether a layer of a tag says what a paper says. */
export type IsSamePaper = (layer: Descriptor, paper: LegacyPaper) => boolean;

/** The merge of a legacy tag: whatever is there stays in its place, papers that are missing come after it. */
export const appendPapers =
  (papers: readonly LegacyPaper[], isSame: IsSamePaper, types: PaperPlace["legacyTypes"]) =>
  (current: RawManifest | undefined): TagMergeResult => {
    const there = current === undefined ? [] : readLegacyLayers(current);
    const missing = papers.filter((paper) => !there.some((layer) => isSame(layer, paper)));
    if (current !== undefined && missing.length === 0) return { kind: "unchanged" };
    const { manifest, config } = appendLegacyLayers(
      current,
      missing.map(({ layer }) => layer),
      types,
    );
    return { kind: "write", manifest, blobs: [config] };
  };
