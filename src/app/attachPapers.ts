import { EMPTY_CONFIG, writeBundleManifest } from "#claims/bundleManifest.ts";
import type { Candidate } from "#claims/claim.ts";
import { legacyTag } from "#claims/legacyImage.ts";
import { SIGNATURE_TYPE } from "#claims/predicateType.ts";
import type { Repositories, TagMerge } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import { digestOf } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { asWaybillError, hasCode } from "#core/errors.ts";
import { mergeTag, settleTags } from "#core/mergeTag.ts";
import { atDigest, formatReference, parseReference, signedName } from "#core/reference.ts";
import { appendPapers } from "#app/appendPapers.ts";
import type { IsSamePaper } from "#app/appendPapers.ts";
import type { ForeignPaper } from "#app/foreignPaper.ts";
import { gatherPapers } from "#app/gatherPapers.ts";
import { markUnsettled } from "#app/markUnsettled.ts";
import type { CarriedOut } from "#app/paperPlan.ts";
import { paperRepository } from "#app/paperRepository.ts";
import { demandSha256, resolveImage } from "#app/resolveImage.ts";
import type { ResolvedImage } from "#app/resolveImage.ts";
import type { PaperRecord, WriteReport } from "#app/writePapers.ts";

export interface AttachInput {
  readonly reference: string;
  readonly platform?: string | undefined;
  /** Reads the papers, given the image that they must be about and cosign's name of it. Throws for those that are not. */
  readonly read: (subject: Digest, dockerReference: string) => readonly ForeignPaper[];
  /** Say what would be written, write nothing. */
  readonly dryRun: boolean;
  /** Wait before the last look at written tags, milliseconds. */
  readonly settleMs: number;
}

/**
 * Stores papers that were made elsewhere beside the image they are about, as they are: bundles as referrers, envelopes and
 * signatures under cosign's tags, by the same lossless merges as papers of our own. What is there to the byte is skipped.
 */
export const attachPapers =
  (deps: { readonly repositories: Repositories }) =>
  async (ctx: Ctx, input: AttachInput): Promise<CarriedOut> => {
    const reference = parseReference(input.reference);
    const access = input.dryRun ? "read" : "write";
    const image = await resolveImage(deps)(ctx, { reference, access, platform: input.platform });
    demandSha256(image.digest);
    const papers = input.read(image.digest, signedName(reference));
    const there = await findThere(ctx, image);
    const distinct = [...new Map(papers.map((paper) => [identityOf(paper), paper])).entries()];
    const skipped = distinct.filter(([name]) => there.has(name)).map(([, paper]) => recordOf(paper));
    const missing = distinct.filter(([name]) => !there.has(name)).map(([, paper]) => paper);
    const report = input.dryRun
      ? { ...NOTHING, written: missing.map((paper) => recordOf(paper)) }
      : await settle(ctx, input.settleMs, await writeAll(ctx, image, missing));
    const name = formatReference(atDigest(image.reference, image.digest));
    return {
      kind: "done",
      reference: input.reference,
      images: [{ image: name, digest: image.digest, report: { ...report, skipped } }],
    };
  };

const NOTHING: WriteReport = { written: [], skipped: [], failed: [], merges: [] };

/** Equal bytes are the same paper; a signature is its payload and itself. */
const identityOf = (one: ForeignPaper): string =>
  one.form === "bundle"
    ? `bundle ${digestOf(one.bytes)}`
    : `legacy ${digestOf(one.paper.bytes)} ${one.paper.layer.annotations?.[SIGNATURE] ?? ""}`;

const SIGNATURE = "dev.cosignproject.cosign/signature";

const findThere = async (ctx: Ctx, { repository, digest }: ResolvedImage): Promise<ReadonlySet<string>> => {
  const there = new Set<string>();
  const search = {
    repository,
    subject: digest,
    kinds: ["signature", "attestation"] as const,
    storage: "both" as const,
  };
  for await (const batch of gatherPapers(ctx, search)) {
    // Beyond the limits lies junk; at worst a paper is written again, while giving up would let junk forbid attaching.
    const failure = batch.failures.find((one) => !hasCode(one, "LIMIT_EXCEEDED"));
    if (failure !== undefined) throw failure;
    for (const { candidate } of batch.papers) there.add(nameOfCandidate(candidate));
  }
  return there;
};

const nameOfCandidate = (candidate: Candidate): string => {
  if (candidate.kind === "unreadable") return "";
  if (candidate.kind === "dsse")
    return `${candidate.found.form} ${digestOf(candidate.bytes)}${candidate.found.form === "legacy" ? " " : ""}`;
  return `legacy ${digestOf(candidate.payload)} ${Buffer.from(candidate.signature).toString("base64")}`;
};

const isSame: IsSamePaper = (layer, { layer: own }) =>
  layer.digest === own.digest &&
  layer.mediaType === own.mediaType &&
  (layer.annotations?.[SIGNATURE] ?? "") === own.annotations?.[SIGNATURE];

const recordOf = ({ form, predicateType }: ForeignPaper, manifest?: Digest, tag?: string): PaperRecord => ({
  form,
  kind: predicateType === SIGNATURE_TYPE ? "signature" : "attestation",
  predicateType,
  manifest,
  tag,
});

/** One form's refusal does not keep back the other. */
const writeAll = async (ctx: Ctx, image: ResolvedImage, papers: readonly ForeignPaper[]): Promise<WriteReport> => {
  const bundles = papers.filter((one) => one.form === "bundle");
  const legacy = papers.filter((one) => one.form === "legacy");
  const parts = [
    await guarded(bundles, () => writeBundles(ctx, image, bundles)),
    await guarded(legacy, () => writeLegacy(ctx, image, legacy)),
  ];
  return {
    written: parts.flatMap(({ written }) => written),
    skipped: [],
    failed: parts.flatMap(({ failed }) => failed),
    merges: parts.flatMap(({ merges }) => merges),
  };
};

const guarded = async (papers: readonly ForeignPaper[], write: () => Promise<WriteReport>): Promise<WriteReport> => {
  if (papers.length === 0) return NOTHING;
  try {
    return await write();
  } catch (thrown) {
    const error = asWaybillError(thrown);
    if (hasCode(error, "ABORTED", "INTERNAL")) throw error;
    return { ...NOTHING, failed: papers.map((paper) => ({ ...recordOf(paper), error })) };
  }
};

const writeBundles = async (
  ctx: Ctx,
  { repository: own, descriptor: subject }: ResolvedImage,
  papers: readonly (ForeignPaper & { readonly form: "bundle" })[],
): Promise<WriteReport> => {
  const repository = paperRepository(own);
  await repository.writeBlob(ctx, EMPTY_CONFIG, EMPTY_CONFIG.bytes);
  const manifests = papers.map(({ bytes, predicateType }) =>
    writeBundleManifest({ bundle: { digest: digestOf(bytes), size: bytes.byteLength }, predicateType, subject }),
  );
  for (const { bytes } of papers)
    await repository.writeBlob(ctx, { digest: digestOf(bytes), size: bytes.byteLength }, bytes);
  const merges = await repository.writeReferrers(ctx, subject.digest, manifests);
  return { ...NOTHING, merges, written: papers.map((paper, at) => recordOf(paper, manifests[at]?.digest)) };
};

const writeLegacy = async (
  ctx: Ctx,
  { repository: own, digest }: ResolvedImage,
  papers: readonly (ForeignPaper & { readonly form: "legacy" })[],
): Promise<WriteReport> => {
  const repository = paperRepository(own);
  const written: PaperRecord[] = [];
  const merges: TagMerge[] = [];
  for (const suffix of ["att", "sig"] as const) {
    const group = papers.filter(({ predicateType }) => (predicateType === SIGNATURE_TYPE) === (suffix === "sig"));
    if (group.length === 0) continue;
    for (const { paper } of group) await repository.writeBlob(ctx, paper.layer, paper.bytes);
    const tag = legacyTag(digest, suffix);
    const layers = group.map(({ paper }) => paper);
    const merge = appendPapers(layers, isSame, own.papers?.legacyTypes);
    const merged = await mergeTag(ctx, { repository, tag, merge });
    if (merged.settling !== undefined) merges.push(merged.settling);
    written.push(...group.map((paper) => recordOf(paper, merged.digest, tag)));
  }
  return { ...NOTHING, merges, written };
};

const settle = async (ctx: Ctx, settleMs: number, report: WriteReport): Promise<WriteReport> =>
  markUnsettled(report, await settleTags(ctx, report.merges, settleMs));
