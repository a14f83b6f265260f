import type { Ctx } from "#core/ctx.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import { PREDICATE_TYPES } from "#claims/predicateType.ts";
import type { TrustMaterial } from "#trust/verifiedClaim.ts";
import { carryOut } from "#app/paperPlan.ts";
import type { CarriedOut, CarryOutDeps, CarryOutInput, PaperPlan } from "#app/paperPlan.ts";
import type { Paper } from "#app/paper.ts";
import type { ResolvedImage } from "#app/resolveImage.ts";
import { withChildren } from "#app/signImages.ts";
import { verifyImage } from "#app/verifyImages.ts";

export interface IssueInput extends Omit<CarryOutInput, "plan" | "confirm"> {
  /** Signed into the signature: tenant_id, app_id, commit_sha, build_id and whatever else was given. */
  readonly annotations: Readonly<Record<string, string>>;
  /** An attestation of the provenance; undefined: none. */
  readonly provenance: { readonly predicateType: string; readonly predicate: Uint8Array } | undefined;
  readonly sign: boolean;
}

export interface IssueDeps extends CarryOutDeps {
  /** Undefined: no SBOM. */
  readonly makeSbom: MakeSbom | undefined;
}

/** The SBOM document of an image or an index, as the predicate's bytes; an index comes after those of its images, by digest. */
export type MakeSbom = (ctx: Ctx, image: ResolvedImage, made: ReadonlyMap<Digest, Uint8Array>) => Promise<Uint8Array>;

/**
 * The main job: SBOM, provenance and signature for each image in one pass, written, read back and verified with the public
 * key. An index gets all three as well: its SBOM links those of its images.
 */
export const issueImages =
  (deps: IssueDeps) =>
  (ctx: Ctx, input: IssueInput): Promise<readonly CarriedOut[]> =>
    carryOut(deps)(ctx, {
      ...input,
      plan: async (planCtx, image) => {
        const plans: PaperPlan[] = [];
        const made = new Map<Digest, Uint8Array>();
        for (const one of await withChildren(planCtx, image, 0))
          plans.push({ image: one, papers: await papersOf(deps, planCtx, input, one, made) });
        return plans;
      },
      confirm: (confirmCtx, plan) => readBack(deps, confirmCtx, input, plan),
    });

const papersOf = async (
  deps: IssueDeps,
  ctx: Ctx,
  input: IssueInput,
  image: ResolvedImage,
  made: Map<Digest, Uint8Array>,
): Promise<readonly Paper[]> => {
  const papers: Paper[] = [];
  if (deps.makeSbom !== undefined) {
    const predicate = made.get(image.digest) ?? (await deps.makeSbom(ctx, image, made));
    made.set(image.digest, predicate);
    papers.push({ kind: "attestation", predicateType: PREDICATE_TYPES.cyclonedx, predicate });
  }
  if (input.provenance !== undefined) papers.push({ kind: "attestation", ...input.provenance });
  if (input.sign) papers.push({ kind: "signature", annotations: input.annotations });
  return papers;
};

/** What was written must verify as a stranger would verify it; anything else is no success. */
const readBack = async (deps: IssueDeps, ctx: Ctx, input: IssueInput, plan: PaperPlan): Promise<void> => {
  const trust: TrustMaterial = { keys: [{ name: "own key", key: (await deps.signer).publicKey }] };
  for (const paper of plan.papers) {
    const wanted =
      paper.kind === "signature"
        ? { kind: "signature" as const, annotations: paper.annotations, checkClaims: true }
        : { kind: "attestation" as const, predicateType: paper.predicateType, checkClaims: true };
    const verdict = await verifyImage(ctx, plan.image, plan.image.digest, { wanted, trust, storage: input.storage });
    if (!verdict.ok) {
      const what = paper.kind === "signature" ? "signature" : `attestation ${paper.predicateType}`;
      const reason = verdict.refusals[0]?.reason ?? "it is not there";
      throw new WaybillError(
        "READBACK_FAILED",
        `the ${what} of ${plan.image.digest} does not verify after writing: ${reason}`,
      );
    }
  }
};
