import { appendLegacyLayers, legacyTag, readLegacyLayers } from "#claims/legacyImage.ts";
import type { LegacySuffix } from "#claims/legacyImage.ts";
import type { TagMerge, TagMergeResult } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import type { Descriptor } from "#core/descriptor.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import type { RawManifest } from "#core/manifest.ts";
import { mergeTag } from "#core/mergeTag.ts";
import { copyContent } from "#app/copyContent.ts";
import type { CopiedPaper } from "#app/copiedPaper.ts";
import type { CopyRoute } from "#app/copyRoute.ts";

export interface CopiedTag {
  readonly paper: CopiedPaper;
  /** Left for `settleTags`. */
  readonly settling: readonly TagMerge[];
}

/**
 * Brings one of cosign's tags to the target: as it is where the target has none, else merged, so that what either has is
 * kept. Undefined where the source has no such tag. A `.sbom` tag holds one document, to which nothing can be added: one
 * that differs is INPUT_INVALID, unless `force` replaces it.
 */
export const copyLegacyTag = async (
  ctx: Ctx,
  route: CopyRoute,
  subject: Digest,
  suffix: LegacySuffix,
  force: boolean,
): Promise<CopiedTag | undefined> => {
  const tag = legacyTag(subject, suffix);
  const raw = await route.from.readManifest(ctx, tag);
  if (raw === undefined) return undefined;
  await copyContent(ctx, route, raw);
  const merge = suffix === "sbom" ? keepOne(raw, tag, force) : addMissing(raw);
  const paper = { subject, form: "tag", kind: suffix, digest: raw.digest, tag } as const;
  let state: CopiedPaper["state"] = "present";
  // What the first look finds counts: later ones find what was written, or what others write meanwhile.
  let looked = false;
  const told: TagMerge["merge"] = (current) => {
    const result = merge(current);
    if (!looked) state = result.kind === "unchanged" ? "present" : current === undefined ? "copied" : "merged";
    looked = true;
    return result;
  };
  const target = { repository: route.to, tag, merge: told };
  if (route.dryRun) told(await route.to.readManifest(ctx, tag));
  const settling = route.dryRun ? undefined : (await mergeTag(ctx, target)).settling;
  return { paper: { ...paper, state }, settling: settling === undefined ? [] : [settling] };
};

type Merge = (current: RawManifest | undefined) => TagMergeResult;

/** Layers of the source that the target lacks come after the target's own. */
const addMissing =
  (raw: RawManifest): Merge =>
  (current) => {
    if (current === undefined) return asItIs(raw);
    if (current.digest === raw.digest) return { kind: "unchanged" };
    const there = new Set(readLegacyLayers(current).map(identityOf));
    const missing = readLegacyLayers(raw).filter((layer) => !there.has(identityOf(layer)));
    if (missing.length === 0) return { kind: "unchanged" };
    const { manifest, config } = appendLegacyLayers(current, missing);
    return { kind: "write", manifest, blobs: [config] };
  };

const keepOne =
  (raw: RawManifest, tag: string, force: boolean): Merge =>
  (current) => {
    if (current?.digest === raw.digest) return { kind: "unchanged" };
    if (current === undefined || force) return asItIs(raw);
    throw new WaybillError("INPUT_INVALID", `the target's tag ${tag} holds another SBOM, ${current.digest}`, {
      hint: "Look at both; --force replaces the target's by the source's.",
    });
  };

const asItIs = ({ bytes, mediaType, digest }: RawManifest): TagMergeResult => ({
  kind: "write",
  manifest: { bytes, mediaType, digest },
  blobs: [],
});

/** A signature is its payload and what its annotations say of it. */
const identityOf = ({ mediaType, digest, annotations = {} }: Descriptor): string => {
  const sorted = Object.entries(annotations).toSorted(([a], [b]) => (a < b ? -1 : Number(a > b)));
  return JSON.stringify([mediaType, digest, sorted]);
};
