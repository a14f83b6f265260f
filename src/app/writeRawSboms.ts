import { EMPTY_CONFIG } from "#claims/bundleManifest.ts";
import { sbomMediaType, writeSbomManifest } from "#claims/sbomManifest.ts";
import type { Repository, TagMerge } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import type { Descriptor } from "#core/descriptor.ts";
import { digestOf } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError, asWaybillError, hasCode } from "#core/errors.ts";
import type { RawManifest } from "#core/manifest.ts";
import type { Paper } from "#app/paper.ts";
import { paperRepository } from "#app/paperRepository.ts";

interface RawSbomInput {
  /** The image's; its papers may be kept elsewhere. */
  readonly repository: Repository;
  readonly subject: Descriptor;
  readonly dryRun: boolean;
}

/** A stored document; `manifest` is the referrer's digest, undefined where nothing was written. */
interface RawRecord {
  readonly form: "raw";
  readonly kind: "attestation";
  /** The document's media type. */
  readonly predicateType: string;
  readonly manifest: Digest | undefined;
  readonly tag: undefined;
}

/** What became of the documents, as part of what became of all papers. */
interface RawSbomReport {
  readonly written: readonly RawRecord[];
  readonly skipped: readonly RawRecord[];
  readonly failed: readonly (RawRecord & { readonly error: WaybillError })[];
  readonly merges: readonly TagMerge[];
}

interface RawSbom {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  readonly manifest: RawManifest;
}

/**
 * `--sbom-referrer`: the attested SBOMs of one image once more as they are, each a referrer, for scanners that read no
 * attestations. Unsigned, they prove nothing and count for nothing here. One that is listed already is skipped.
 */
export const writeRawSboms = async (
  ctx: Ctx,
  { repository: image, subject, dryRun }: RawSbomInput,
  papers: readonly Paper[],
): Promise<RawSbomReport> => {
  const sboms = papers.flatMap((paper) => rawSbom(paper, subject));
  const repository = paperRepository(image);
  try {
    const listed = await listRaw(ctx, repository, subject, sboms);
    const skipped = sboms.filter(({ manifest }) => listed.has(manifest.digest));
    const missing = sboms.filter(({ manifest }) => !listed.has(manifest.digest));
    const merges = dryRun || missing.length === 0 ? [] : await push(ctx, repository, subject, missing);
    return {
      written: missing.map((one) => recordOf(one, dryRun)),
      skipped: skipped.map((one) => recordOf(one)),
      failed: [],
      merges,
    };
  } catch (thrown) {
    const error = asWaybillError(thrown);
    if (hasCode(error, "ABORTED", "INTERNAL")) throw error;
    const failed = sboms.map((one) => ({ ...recordOf(one, true), error }));
    return { written: [], skipped: [], failed, merges: [] };
  }
};

/** Refuses what there is no document of to push. USAGE_INVALID. */
export const demandRawSbom = (paper: Paper): void => {
  if (documentOf(paper) !== undefined) return;
  throw new WaybillError("USAGE_INVALID", "--sbom-referrer: the predicate is no SBOM in JSON", {
    hint: "Give it with --type cyclonedx or --type spdxjson, or leave it away.",
  });
};

/** The exact document; SPDX tag-value is a JSON string as a predicate (cosign.md 3.3), and no JSON document. */
const documentOf = (paper: Paper): Pick<RawSbom, "bytes" | "mediaType"> | undefined => {
  if (paper.kind !== "attestation") return undefined;
  const mediaType = sbomMediaType(paper.predicateType);
  const isText = Buffer.from(paper.predicate.subarray(0, 64)).toString().trimStart().startsWith('"');
  return mediaType === undefined || isText ? undefined : { bytes: paper.predicate, mediaType };
};

const rawSbom = (paper: Paper, subject: Descriptor): readonly RawSbom[] => {
  const document = documentOf(paper);
  if (document === undefined) return [];
  const { bytes, mediaType } = document;
  const sbom = { digest: digestOf(bytes), size: bytes.byteLength };
  return [{ bytes, mediaType, manifest: writeSbomManifest({ sbom, mediaType, subject }) }];
};

const listRaw = async (
  ctx: Ctx,
  repository: Repository,
  subject: Descriptor,
  sboms: readonly RawSbom[],
): Promise<ReadonlySet<string>> => {
  const own = new Set<string>(sboms.map(({ manifest }) => manifest.digest));
  if (own.size === 0) return own;
  // Of a list that is too long to be read whole it is enough to know what was found: writing again does no harm.
  const query = { wants: ({ digest }: Descriptor) => own.has(digest), onLimit: () => undefined };
  return new Set((await repository.listReferrers(ctx, subject.digest, query)).map(({ digest }) => digest));
};

const push = async (
  ctx: Ctx,
  repository: Repository,
  subject: Descriptor,
  sboms: readonly RawSbom[],
): Promise<readonly TagMerge[]> => {
  await repository.writeBlob(ctx, EMPTY_CONFIG, EMPTY_CONFIG.bytes);
  for (const { bytes } of sboms)
    await repository.writeBlob(ctx, { digest: digestOf(bytes), size: bytes.byteLength }, bytes);
  return repository.writeReferrers(
    ctx,
    subject.digest,
    sboms.map(({ manifest }) => manifest),
  );
};

const recordOf = ({ manifest, mediaType }: RawSbom, isUnwritten = false): RawRecord => ({
  form: "raw",
  kind: "attestation",
  predicateType: mediaType,
  manifest: isUnwritten ? undefined : manifest.digest,
  tag: undefined,
});
