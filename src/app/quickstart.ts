import type { Repositories, Repository } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import { atDigest, formatReference, parseReference } from "#core/reference.ts";
import type { RegistryReference } from "#core/reference.ts";
import type { Signer } from "#core/signer.ts";
import type { TrustMaterial } from "#trust/verifiedClaim.ts";
import { copyImage } from "#app/copyImage.ts";
import { issueImages } from "#app/issueImages.ts";
import type { IssueDeps } from "#app/issueImages.ts";
import { failureOf } from "#app/paperPlan.ts";
import type { CarriedImage } from "#app/paperPlan.ts";
import { isAttestationChild, readChild, resolveImage } from "#app/resolveImage.ts";
import type { ResolvedImage } from "#app/resolveImage.ts";
import { showImage } from "#app/showImage.ts";
import type { ShownImage } from "#app/showImage.ts";
import { forgeSbom } from "#app/forgeSbom.ts";
import { signImages } from "#app/signImages.ts";
import { verifyImages } from "#app/verifyImages.ts";
import type { Wanted } from "#app/verifyImages.ts";
import { PREDICATE_TYPES } from "#claims/predicateType.ts";

/** The tour's stations as they are reached. */
export type QuickstartEvent =
  | {
      readonly kind: "image";
      readonly reference: string;
      readonly digest: Digest;
      readonly copiedFrom: string | undefined;
    }
  | { readonly kind: "issued"; readonly images: readonly CarriedImage[] }
  | { readonly kind: "shown"; readonly shown: ShownImage }
  | {
      readonly kind: "served";
      readonly url: string;
      /** What was asked of the control plane, and what it said. */
      readonly requests: readonly { readonly request: string; readonly answer: string }[];
    }
  | {
      readonly kind: "tampered";
      readonly title: string;
      readonly did: string;
      readonly asked: string;
      readonly reasons: readonly string[];
    };

export interface QuickstartDeps extends Omit<IssueDeps, "signer"> {
  readonly repositories: Repositories;
  readonly signer: Signer;
  /** A key that nobody trusts. */
  readonly stranger: Signer;
  readonly provenance: { readonly predicateType: string; readonly predicate: Uint8Array };
  /** Pushes a real image under the tag. */
  readonly pushImage: (ctx: Ctx, repository: Repository, tag: string) => Promise<void>;
  /** Pushes another, small image under the tag, as somebody with push rights could. */
  readonly pushOther: (ctx: Ctx, repository: Repository, tag: string) => Promise<void>;
  readonly tell: (event: QuickstartEvent) => Promise<void>;
}

export interface QuickstartInput {
  /** `host:port` of a registry that is the tour's own. */
  readonly registry: string;
  /** An image of the user's; only read. */
  readonly from: string | undefined;
}

/**
 * The whole way on real content: an image gets its papers, they are checked, and three tamperings are refused. Nothing is
 * written anywhere but to the registry given. A tampering that were accepted would be an INTERNAL error.
 */
export const quickstart =
  (deps: QuickstartDeps) =>
  async (ctx: Ctx, input: QuickstartInput): Promise<string> => {
    const reference = `${input.registry}/quickstart/app:1.0`;
    const image = await bringImage(deps, ctx, input, reference);
    await deps.tell({ kind: "image", reference, digest: image.digest, copiedFrom: input.from });
    await issue(deps, ctx, reference);
    const trust: TrustMaterial = { keys: [{ name: "cosign.pub", key: deps.signer.publicKey }] };
    await deps.tell({ kind: "shown", shown: await showImage(deps)(ctx, { reference, trust }) });
    const sbomImage = await firstPlatform(ctx, image);
    await refuseMovedTag(deps, ctx, trust, reference);
    await refuseForeignSignature(deps, ctx, trust, reference);
    await refuseEditedSbom(deps, ctx, trust, input.registry, sbomImage);
    // The tour ends as it began, so that the commands to try next find the image that was signed.
    await copyImage(ctx, { from: image.repository, to: image.repository, digest: image.digest, tag: "1.0" });
    return formatReference(atDigest(image.reference, image.digest));
  };

const bringImage = async (
  deps: QuickstartDeps,
  ctx: Ctx,
  input: QuickstartInput,
  reference: string,
): Promise<ResolvedImage> => {
  const target = parseReference(reference);
  const repository = await deps.repositories.open(ctx, target, "write");
  if (input.from === undefined) await deps.pushImage(ctx, repository, "1.0");
  else {
    const source = await resolveImage(deps)(ctx, { reference: parseReference(input.from), access: "read" });
    await copyImage(ctx, { from: source.repository, to: repository, digest: source.digest, tag: "1.0" });
  }
  return resolveImage(deps)(ctx, { reference: target, access: "write" });
};

const issue = async (deps: QuickstartDeps, ctx: Ctx, reference: string): Promise<void> => {
  const all = await issueImages(deps)(ctx, {
    references: [reference],
    annotations: { build_id: "quickstart" },
    provenance: deps.provenance,
    sign: true,
    storage: "both",
    dryRun: false,
    maxWorkers: 1,
    settleMs: 0,
  });
  for (const one of all) {
    const error = failureOf(one);
    if (error !== undefined) throw error;
    if (one.kind === "done") await deps.tell({ kind: "issued", images: one.images });
  }
};

const firstPlatform = async (ctx: Ctx, image: ResolvedImage): Promise<ResolvedImage> => {
  const children = image.manifest.kind === "index" ? image.manifest.manifests : [];
  const first = children.find((child) => !isAttestationChild(child));
  return first === undefined ? image : readChild(ctx, image, first);
};

const SIGNATURE: Wanted = { kind: "signature", annotations: {}, checkClaims: true };

const refuseMovedTag = async (
  deps: QuickstartDeps,
  ctx: Ctx,
  trust: TrustMaterial,
  reference: string,
): Promise<void> => {
  const repository = await deps.repositories.open(ctx, parseReference(reference), "write");
  await deps.pushOther(ctx, repository, "1.0");
  await refuse(deps, ctx, trust, SIGNATURE, reference, {
    title: "The tag is moved",
    did: "another image was pushed under the tag 1.0, whose digest nobody signed",
  });
};

const refuseForeignSignature = async (
  deps: QuickstartDeps,
  ctx: Ctx,
  trust: TrustMaterial,
  reference: string,
): Promise<void> => {
  const paper = { kind: "signature", annotations: {} } as const;
  const options = { storage: "both", recursive: false, dryRun: false, maxWorkers: 1, settleMs: 0 } as const;
  await signImages({ ...deps, signer: deps.stranger })(ctx, { references: [reference], paper, ...options });
  await refuse(deps, ctx, trust, SIGNATURE, reference, {
    title: "A stranger signs",
    did: "the pushed image got a signature, in both forms, by a key that is not yours",
  });
};

const refuseEditedSbom = async (
  deps: QuickstartDeps,
  ctx: Ctx,
  trust: TrustMaterial,
  registry: string,
  image: ResolvedImage,
): Promise<void> => {
  const target = { ...(parseReference(`${registry}/quickstart/edited`) as RegistryReference), digest: image.digest };
  const repository = await deps.repositories.open(ctx, target, "write");
  const renamed = await forgeSbom(ctx, { from: image, to: repository, trust });
  const wanted: Wanted = { kind: "attestation", predicateType: PREDICATE_TYPES.cyclonedx, checkClaims: true };
  await refuse(deps, ctx, trust, wanted, formatReference(target), {
    title: "The SBOM is edited",
    did: `the component ${renamed} was renamed in the signed SBOM, the signature kept`,
  });
};

const refuse = async (
  deps: QuickstartDeps,
  ctx: Ctx,
  trust: TrustMaterial,
  wanted: Wanted,
  reference: string,
  words: { readonly title: string; readonly did: string },
): Promise<void> => {
  const [checked] = await verifyImages(deps)(ctx, {
    references: [reference],
    wanted,
    trust,
    storage: "both",
    maxWorkers: 1,
  });
  if (checked === undefined) throw new WaybillError("INTERNAL", "no verdict");
  if (checked.kind === "undecided") throw checked.error;
  if (checked.verdict.ok) throw new WaybillError("INTERNAL", `a tampering was accepted: ${words.did}`);
  const reasons = [...new Set(checked.verdict.refusals.map(({ found, reason }) => `${found.form}: ${reason}`))];
  const type = wanted.kind === "attestation" ? "verify-attestation --type cyclonedx" : "verify";
  const asked = `waybill ${type} --key cosign.pub ${reference}`;
  await deps.tell({
    kind: "tampered",
    ...words,
    asked,
    reasons: reasons.length > 0 ? reasons : [`nothing is stored with ${checked.verdict.digest}`],
  });
};
