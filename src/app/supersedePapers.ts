import { dropLegacyLayers, legacyTag } from "#claims/legacyImage.ts";
import type { Repositories, Repository, TagMerge } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import { digestOf } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError, asWaybillError, hasCode } from "#core/errors.ts";
import { mergeTag, settleTags } from "#core/mergeTag.ts";
import { parseReference, signedName } from "#core/reference.ts";
import type { Signer } from "#core/signer.ts";
import type { VerifiedClaim } from "#trust/verifiedClaim.ts";
import { findOwn } from "#app/findOwn.ts";
import { payloadsOf } from "#app/paper.ts";
import type { AttestationPaper } from "#app/paper.ts";
import type { CarriedImage, CarriedOut } from "#app/paperPlan.ts";
import { paperRepository } from "#app/paperRepository.ts";
import { resolveImage } from "#app/resolveImage.ts";
import type { ResolvedImage } from "#app/resolveImage.ts";
import { formsOf } from "#app/storage.ts";
import type { Form, Storage } from "#app/storage.ts";
import type { PaperRecord } from "#app/writePapers.ts";

export interface SupersedeInput {
  /** The attestation that takes the place of the others of its type. */
  readonly paper: AttestationPaper;
  /** Only papers in these forms are removed. */
  readonly storage: Storage;
  readonly dryRun: boolean;
  /** Whether the statement was there before the new one was written; what came since is another run's, and stays. */
  readonly wasThere: (image: string, payload: Digest) => boolean;
  /** Wait before the last look at written tags, milliseconds. */
  readonly settleMs: number;
}

/**
 * `attest --replace`: removes what the same key attested before, of the same type about the same digest, in the forms that
 * were written. Only after everything new is there and verifies; nothing of another signer's, and nothing that another one
 * signed too. Where a registry deletes nothing that is the image's error, beside what was written.
 */
export const supersedePapers =
  (deps: { readonly repositories: Repositories; readonly signer: Signer }) =>
  async (ctx: Ctx, all: readonly CarriedOut[], input: SupersedeInput): Promise<readonly CarriedOut[]> => {
    const done: CarriedOut[] = [];
    for (const one of all) {
      if (one.kind === "failed") done.push(one);
      else {
        const images: CarriedImage[] = [];
        for (const image of one.images) images.push(await supersedeOf(deps, ctx, image, input));
        done.push({ ...one, images });
      }
    }
    return done;
  };

type Deps = Parameters<typeof supersedePapers>[0];

const supersedeOf = async (deps: Deps, ctx: Ctx, image: CarriedImage, input: SupersedeInput): Promise<CarriedImage> => {
  // The older ones are then the only ones that are whole.
  if (image.report.failed.length > 0) return image;
  const removed: PaperRecord[] = [];
  try {
    const reference = parseReference(image.image);
    const resolved = await resolveImage(deps)(ctx, { reference, access: input.dryRun ? "read" : "write" });
    await supersede(
      deps.signer,
      ctx,
      resolved,
      { ...input, wasThere: (payload) => input.wasThere(image.image, payload) },
      removed,
    );
    return { ...image, superseded: { removed } };
  } catch (thrown) {
    const error = asWaybillError(thrown);
    if (hasCode(error, "ABORTED", "INTERNAL")) throw error;
    return { ...image, superseded: { removed, error: leftOver(image, error) } };
  }
};

const leftOver = ({ digest }: CarriedImage, cause: WaybillError): WaybillError => {
  if (cause.code === "READBACK_FAILED")
    return new WaybillError(cause.code, `${digest}: ${cause.message}`, { cause, hint: "Run it again." });
  return new WaybillError(
    cause.code,
    `${digest}: the new attestation is there, and what it replaces is not gone: ${cause.message}`,
    {
      cause,
      hint: "Readers take the newest SBOM. To remove what is older, use a registry and a login that may delete, and run it again.",
    },
  );
};

const supersede = async (
  signer: Signer,
  ctx: Ctx,
  image: ResolvedImage,
  input: Omit<SupersedeInput, "wasThere"> & { readonly wasThere: (payload: Digest) => boolean },
  removed: PaperRecord[],
): Promise<void> => {
  const forms = formsOf(input.storage);
  const payload = digestOf(payloadsOf(input.paper, image.digest, signedName(image.reference)).bundle);
  const own = await findOwn(ctx, image, signer, input.paper.predicateType);
  if (!input.dryRun && !isWhole(own, forms, payload))
    throw new WaybillError("READBACK_FAILED", "the new attestation does not verify, so the older ones stay");
  const isOld = (digest: Digest): boolean => digest !== payload && input.wasThere(digest);
  const old = own.filter(({ found, payload: bytes }) => forms.includes(found.form) && isOld(digestOf(bytes)));
  if (input.dryRun) return void removed.push(...old.map(recordOf));
  const repository = paperRepository(image.repository);
  const drops = { legacy: dropLayers, bundle: dropBundles } as const;
  // Tags first: a registry that deletes no manifest may still take them.
  for (const form of forms.toReversed()) {
    const gone = old.filter(({ found }) => found.form === form);
    const [trouble] = await settleTags(ctx, await drops[form](ctx, repository, image.digest, gone), input.settleMs);
    if (trouble !== undefined) throw trouble.error;
    removed.push(...gone.map(recordOf));
  }
  if (old.length === 0) return;
  // A run that began after this one wrote may have put its own in place: what is gone must not be called written.
  if (!isWhole(await findOwn(ctx, image, signer, input.paper.predicateType), forms, payload))
    throw new WaybillError("READBACK_FAILED", "another run replaced the new attestation at the same time");
};

const isWhole = (own: readonly VerifiedClaim[], forms: readonly Form[], payload: Digest): boolean =>
  forms.every((form) => own.some((claim) => claim.found.form === form && digestOf(claim.payload) === payload));

type Drop = (
  ctx: Ctx,
  repository: Repository,
  subject: Digest,
  gone: readonly VerifiedClaim[],
) => Promise<readonly TagMerge[]>;

const dropLayers: Drop = async (ctx, repository, subject, gone) => {
  if (gone.length === 0) return [];
  const layers = new Set(gone.flatMap(({ claim }) => (claim.kind === "dsse" ? digestOf(claim.bytes) : [])));
  const merge: TagMerge["merge"] = (current) => {
    const less = current === undefined ? undefined : dropLegacyLayers(current, layers);
    return less === undefined
      ? { kind: "unchanged" }
      : { kind: "write", manifest: less.manifest, blobs: [less.config] };
  };
  const { settling } = await mergeTag(ctx, { repository, tag: legacyTag(subject, "att"), merge });
  return settling === undefined ? [] : [settling];
};

const dropBundles: Drop = async (ctx, repository, subject, gone) => {
  const manifests = [...new Set(gone.map(({ found }) => found.manifest))];
  if (manifests.length === 0) return [];
  if (repository.removeReferrers !== undefined) return repository.removeReferrers(ctx, subject, manifests);
  for (const manifest of manifests) await repository.deleteManifest(ctx, manifest);
  return [];
};

const recordOf = ({ found, predicateType }: VerifiedClaim): PaperRecord => ({
  form: found.form,
  kind: "attestation",
  predicateType,
  manifest: found.manifest,
  tag: found.tag,
});
