import { bundleLayerOf } from "#claims/bundleManifest.ts";
import { legacyTag } from "#claims/legacyImage.ts";
import type { LegacySuffix } from "#claims/legacyImage.ts";
import type { Repository } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import type { Descriptor } from "#core/descriptor.ts";
import type { Digest } from "#core/digest.ts";
import { hasCode } from "#core/errors.ts";
import { mapLimited } from "#core/limit.ts";
import { parseManifest } from "#core/manifest.ts";
import type { Manifest, RawManifest } from "#core/manifest.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";

/** What may be removed; cosign's words. `referrer`: Sigstore bundles. */
export type CleanedKind = "signature" | "attestation" | "sbom" | "referrer";

/** Something that hangs on the image and can be removed without taking anything else along. */
export interface Removable {
  readonly kind: CleanedKind;
  /** A tag of cosign's; of a referrer undefined. */
  readonly tag: string | undefined;
  /** The manifest as it was looked at; undefined for a referrer that is listed and is gone. */
  readonly raw: RawManifest | undefined;
  readonly digest: Digest;
  /** Papers in it. */
  readonly papers: number;
}

/** What stays, and why. */
export interface Kept {
  readonly name: string;
  readonly reason: string;
}

export interface CleaningPlan {
  readonly removable: readonly Removable[];
  readonly kept: readonly Kept[];
}

const SUFFIXES: Readonly<Record<Exclude<CleanedKind, "referrer">, LegacySuffix>> = {
  signature: "sig",
  attestation: "att",
  sbom: "sbom",
};
const PARALLEL_READS = 6;

/**
 * What of these kinds hangs on the image, looked at before anything is removed: never the image, nor what only calls itself
 * a paper of it. A list that cannot be read is thrown, since nobody knows then what there is.
 */
export const planCleaning = async (
  ctx: Ctx,
  repository: Repository,
  subject: Digest,
  kinds: readonly CleanedKind[],
): Promise<CleaningPlan> => {
  const parts = await mapLimited(kinds, 1, (kind) =>
    kind === "referrer" ? planReferrers(ctx, repository, subject) : planTag(ctx, repository, subject, kind),
  );
  return { removable: parts.flatMap(({ removable }) => removable), kept: parts.flatMap(({ kept }) => kept) };
};

const NOTHING: CleaningPlan = { removable: [], kept: [] };

const planTag = async (
  ctx: Ctx,
  repository: Repository,
  subject: Digest,
  kind: Exclude<CleanedKind, "referrer">,
): Promise<CleaningPlan> => {
  const tag = legacyTag(subject, SUFFIXES[kind]);
  const raw = await repository.readManifest(ctx, tag);
  if (raw === undefined) return NOTHING;
  const papers = raw.digest === subject ? undefined : countPapers(raw, kind);
  if (papers === undefined)
    return { ...NOTHING, kept: [{ name: tag, reason: `it names ${raw.digest}, which holds no such papers` }] };
  return { ...NOTHING, removable: [{ kind, tag, raw, digest: raw.digest, papers }] };
};

/** Undefined where the manifest is no carrier of such papers but an image, an index or what nobody can read. */
const countPapers = (raw: RawManifest, kind: Exclude<CleanedKind, "referrer">): number | undefined => {
  const manifest = tryParse(raw);
  if (manifest?.kind !== "image") return undefined;
  const { layers } = manifest;
  if (kind === "sbom") return layers.some(isImageLayer) ? undefined : layers.length;
  const wanted = kind === "signature" ? MEDIA_TYPE.simpleSigning : MEDIA_TYPE.dsseEnvelope;
  const papers = layers.filter(({ mediaType }) => mediaType === wanted).length;
  return papers === 0 && layers.length > 0 ? undefined : papers;
};

const isImageLayer = ({ mediaType }: Descriptor): boolean =>
  mediaType.startsWith("application/vnd.oci.image.layer") || mediaType.startsWith("application/vnd.docker.image");

const tryParse = (raw: RawManifest): Manifest | undefined => {
  try {
    return parseManifest(raw);
  } catch (error) {
    if (!hasCode(error, "INPUT_INVALID", "LIMIT_EXCEEDED")) throw error;
    return undefined;
  }
};

/** A referrer says itself to whom it refers; the list is only a hint (attack 26). */
const planReferrers = async (ctx: Ctx, repository: Repository, subject: Digest): Promise<CleaningPlan> => {
  const listed = await repository.listReferrers(ctx, subject);
  const parts = await mapLimited(listed, PARALLEL_READS, async ({ digest, artifactType }): Promise<CleaningPlan> => {
    const raw = await repository.readManifest(ctx, digest);
    const referrer = { kind: "referrer", tag: undefined, digest } as const;
    if (raw === undefined)
      return isBundleType(artifactType) ? { ...NOTHING, removable: [{ ...referrer, raw, papers: 0 }] } : NOTHING;
    const manifest = tryParse(raw);
    if (manifest?.subject?.digest !== subject)
      return { ...NOTHING, kept: [{ name: digest, reason: "it is listed and refers to something else" }] };
    if (!isBundle(manifest))
      return {
        ...NOTHING,
        kept: [{ name: digest, reason: `a referrer of type ${typeOf(manifest)}, no Sigstore bundle` }],
      };
    return { ...NOTHING, removable: [{ ...referrer, raw, papers: 1 }] };
  });
  return { removable: parts.flatMap(({ removable }) => removable), kept: parts.flatMap(({ kept }) => kept) };
};

const isBundle = (manifest: Manifest): boolean =>
  bundleLayerOf(manifest) !== undefined || isBundleType(manifest.artifactType);

const isBundleType = (type: string | undefined): boolean =>
  type?.startsWith("application/vnd.dev.sigstore.bundle") === true;

const typeOf = (manifest: Manifest): string =>
  manifest.artifactType ?? (manifest.kind === "image" ? manifest.config.mediaType : manifest.mediaType);
