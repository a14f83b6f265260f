import { writeBundle } from "#claims/bundle.ts";
import { EMPTY_CONFIG, writeBundleManifest } from "#claims/bundleManifest.ts";
import { attestationLayer, legacyTag, signatureLayer } from "#claims/legacyImage.ts";
import type { LegacyPaper } from "#claims/legacyImage.ts";
import type { Repository, TagMerge } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import type { Descriptor } from "#core/descriptor.ts";
import { digestOf } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError, asWaybillError, hasCode } from "#core/errors.ts";
import type { RawManifest } from "#core/manifest.ts";
import { mergeTag } from "#core/mergeTag.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import type { Signer } from "#core/signer.ts";
import { findExistingPapers } from "#app/existingPapers.ts";
import type { ExistingPaper, ExistingPapers } from "#app/existingPapers.ts";
import { appendPapers } from "#app/appendPapers.ts";
import { isSameByKey } from "#app/isSameByKey.ts";
import { legacyEnvelope, payloadsOf, signStatement } from "#app/paper.ts";
import type { Paper, Payloads } from "#app/paper.ts";
import { paperRepository } from "#app/paperRepository.ts";
import { writeRawSboms } from "#app/writeRawSboms.ts";
import { formsOf } from "#app/storage.ts";
import type { Form, Storage } from "#app/storage.ts";

export interface WriteInput {
  /** The image's; its papers may be kept elsewhere. */
  readonly repository: Repository;
  readonly subject: Descriptor;
  /** What goes into cosign's docker-reference. */
  readonly dockerReference: string;
  readonly papers: readonly Paper[];
  readonly storage: Storage;
  /** Say what would be written, sign and write nothing. */
  readonly dryRun: boolean;
  /** SBOMs also as referrers of their own, unsigned (`writeRawSboms`). */
  readonly sbomReferrer?: boolean | undefined;
}

/** One paper in one form. `manifest` is the digest of what carries it; undefined where nothing was written. */
export interface PaperRecord {
  readonly form: Form | "raw";
  readonly kind: Paper["kind"];
  readonly predicateType: string;
  readonly manifest: Digest | undefined;
  readonly tag: string | undefined;
}

export interface FailedPaper extends PaperRecord {
  readonly error: WaybillError;
}

export interface WriteReport {
  readonly written: readonly PaperRecord[];
  readonly skipped: readonly PaperRecord[];
  readonly failed: readonly FailedPaper[];
  /** Tags that the caller settles, all of a batch together (DESIGN: lossless tags). */
  readonly merges: readonly TagMerge[];
}

interface Draft {
  readonly paper: Paper;
  readonly payloads: Payloads;
  readonly existing: Readonly<Record<Form, ExistingPaper | undefined>>;
  /** Signature over the statement, made at most once: both forms of an attestation carry the same. */
  readonly signStatement: () => Promise<Uint8Array>;
}

/**
 * Writes papers about one image, attestations before signatures, since a signature implies the rest. What is there
 * already (equal payload, same key) is skipped. A form that the registry refuses is reported, the other one is completed.
 */
export const writePapers =
  (deps: { readonly signer: Signer }) =>
  async (ctx: Ctx, input: WriteInput): Promise<WriteReport> => {
    const { repository, subject, storage } = input;
    const existing = await findExistingPapers(ctx, {
      repository,
      subject: subject.digest,
      key: deps.signer.publicKey,
      storage,
    });
    const drafts = input.papers.map((paper) => draftPaper(deps.signer, ctx, input, paper, existing));
    let report = skippedOf(drafts, formsOf(storage));
    for (const kind of ["attestation", "signature"] as const) {
      const group = drafts.filter((draft) => draft.paper.kind === kind);
      const done = await Promise.all(
        formsOf(storage).map((form) => writeForm(deps.signer, ctx, input, group, form, report)),
      );
      const isDue = kind === "attestation" && input.sbomReferrer === true;
      const raw = isDue ? [await writeRawSboms(ctx, input, input.papers)] : [];
      report = joinReports([report, ...done, ...raw]);
    }
    return report;
  };

/** Several reports as one. */
const joinReports = (reports: readonly WriteReport[]): WriteReport => ({
  written: reports.flatMap((one) => one.written),
  skipped: reports.flatMap((one) => one.skipped),
  failed: reports.flatMap((one) => one.failed),
  merges: reports.flatMap((one) => one.merges),
});

const NOTHING: WriteReport = { written: [], skipped: [], failed: [], merges: [] };

const draftPaper = (signer: Signer, ctx: Ctx, input: WriteInput, paper: Paper, existing: ExistingPapers): Draft => {
  const payloads = payloadsOf(paper, input.subject.digest, input.dockerReference);
  const bundle = existing.find("bundle", payloads.bundle);
  const legacy = existing.find("legacy", payloads.legacy);
  // The form that is there already lends its signature to the other one.
  const there = paper.kind === "attestation" ? (bundle?.signature ?? legacy?.signature) : undefined;
  let signature: Promise<Uint8Array> | undefined = there === undefined ? undefined : Promise.resolve(there);
  return {
    paper,
    payloads,
    existing: { bundle, legacy },
    signStatement: () => (signature ??= signStatement(ctx, signer, payloads.bundle)),
  };
};

const recordOf = (draft: Draft, form: Form, manifest?: Digest, tag?: string): PaperRecord => ({
  form,
  kind: draft.paper.kind,
  predicateType: draft.payloads.predicateType,
  manifest,
  tag,
});

const skippedOf = (drafts: readonly Draft[], forms: readonly Form[]): WriteReport => ({
  ...NOTHING,
  skipped: drafts.flatMap((draft) =>
    forms.flatMap((form) => {
      const there = distinctIn(drafts, form).includes(draft) ? draft.existing[form] : undefined;
      return there === undefined ? [] : [recordOf(draft, form, there.manifest, there.tag)];
    }),
  ),
});

/** Signatures for several identities differ in their legacy form alone. */
const distinctIn = (drafts: readonly Draft[], form: Form): readonly Draft[] => {
  const byPayload = new Map(drafts.toReversed().map((draft) => [digestOf(draft.payloads[form]), draft]));
  return drafts.filter((draft) => byPayload.get(digestOf(draft.payloads[form])) === draft);
};

/** Writes a group's missing papers in one form; a refusal becomes part of the report, an interruption is thrown. */
const writeForm = async (
  signer: Signer,
  ctx: Ctx,
  input: WriteInput,
  group: readonly Draft[],
  form: Form,
  before: WriteReport,
): Promise<WriteReport> => {
  const missing = distinctIn(group, form).filter((draft) => draft.existing[form] === undefined);
  if (missing.length === 0) return NOTHING;
  if (input.dryRun) return { ...NOTHING, written: missing.map((draft) => recordOf(draft, form)) };
  const earlier = before.failed.find((one) => one.form === form);
  if (earlier !== undefined) return failedAll(missing, form, incomplete(form, earlier.error));
  try {
    return form === "bundle"
      ? await writeBundles(signer, ctx, input, missing)
      : await writeLegacy(signer, ctx, input, missing);
  } catch (error) {
    const known = asWaybillError(error);
    if (hasCode(known, "ABORTED", "INTERNAL")) throw known;
    return failedAll(missing, form, known);
  }
};

const failedAll = (drafts: readonly Draft[], form: Form, error: WaybillError): WriteReport => ({
  ...NOTHING,
  failed: drafts.map((draft) => ({ ...recordOf(draft, form), error })),
});

const incomplete = (form: Form, cause: WaybillError): WaybillError =>
  new WaybillError(
    cause.code,
    `not signed in ${form} form, since an attestation could not be stored there: ${cause.message}`,
    {
      cause,
      hint: cause.hint,
    },
  );

const writeBundles = async (
  signer: Signer,
  ctx: Ctx,
  input: WriteInput,
  drafts: readonly Draft[],
): Promise<WriteReport> => {
  const { subject } = input;
  const repository = paperRepository(input.repository);
  await repository.writeBlob(ctx, EMPTY_CONFIG, EMPTY_CONFIG.bytes);
  const manifests: RawManifest[] = [];
  for (const draft of drafts) {
    const payload = draft.payloads.bundle;
    const signature = await draft.signStatement();
    const bytes = writeBundle({
      payloadType: MEDIA_TYPE.inToto,
      payload,
      signature,
      publicKeySpki: signer.publicKey.spki,
    });
    const bundle = { digest: digestOf(bytes), size: bytes.byteLength };
    await repository.writeBlob(ctx, bundle, bytes);
    manifests.push(writeBundleManifest({ bundle, predicateType: draft.payloads.predicateType, subject }));
  }
  const merges = await repository.writeReferrers(ctx, subject.digest, manifests);
  return {
    ...NOTHING,
    merges,
    written: drafts.map((draft, index) => recordOf(draft, "bundle", manifests[index]?.digest)),
  };
};

const writeLegacy = async (
  signer: Signer,
  ctx: Ctx,
  input: WriteInput,
  drafts: readonly Draft[],
): Promise<WriteReport> => {
  const { subject } = input;
  const repository = paperRepository(input.repository);
  const kind = drafts[0]?.paper.kind ?? "signature";
  const tag = legacyTag(subject.digest, kind === "signature" ? "sig" : "att");
  const papers: LegacyPaper[] = [];
  for (const draft of drafts) {
    const payload = draft.payloads.legacy;
    const paper =
      kind === "attestation"
        ? attestationLayer(legacyEnvelope(payload, await draft.signStatement()), draft.payloads.predicateType)
        : signatureLayer(payload, await signer.sign(ctx, payload));
    await repository.writeBlob(ctx, paper.layer, paper.bytes);
    papers.push(paper);
  }
  const merge = appendPapers(papers, isSameByKey(signer.publicKey), input.repository.papers?.legacyTypes);
  const merged = await mergeTag(ctx, { repository, tag, merge });
  return {
    ...NOTHING,
    written: drafts.map((draft) => recordOf(draft, "legacy", merged.digest, tag)),
    merges: merged.settling === undefined ? [] : [merged.settling],
  };
};
