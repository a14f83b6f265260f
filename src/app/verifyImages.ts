import type { Digest } from "#core/digest.ts";
import type { Repositories } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import { asWaybillError, hasCode } from "#core/errors.ts";
import type { WaybillError } from "#core/errors.ts";
import { mapLimited } from "#core/limit.ts";
import { parseReference } from "#core/reference.ts";
import type { Refusal, Requirement, TrustMaterial, TrustedKey } from "#trust/verifiedClaim.ts";
import { gatherPapers } from "#app/gatherPapers.ts";
import { createJudge } from "#app/judgePapers.ts";
import type { ProvenClaim } from "#app/judgePapers.ts";
import { demandSha256, resolveImage } from "#app/resolveImage.ts";
import type { ResolvedImage } from "#app/resolveImage.ts";
import type { Storage } from "#app/storage.ts";

/** What must hold for every image asked about. */
export type Wanted =
  | {
      readonly kind: "signature";
      readonly annotations: Readonly<Record<string, string>>;
      readonly checkClaims: boolean;
    }
  | { readonly kind: "attestation"; readonly predicateType: string | undefined; readonly checkClaims: boolean };

export interface VerifyInput {
  /** As the user wrote them. */
  readonly references: readonly string[];
  readonly wanted: Wanted;
  readonly trust: TrustMaterial;
  readonly storage: Storage;
  readonly platform?: string | undefined;
  /** Images under way at once. */
  readonly maxWorkers: number;
}

/** The answer for one image: a value, whether yes or no. */
export interface ImageVerdict {
  readonly reference: string;
  readonly digest: Digest;
  readonly ok: boolean;
  readonly claims: readonly ProvenClaim[];
  /** Names of the keys by which nothing was found; every key asked about must have signed. */
  readonly missingSigners: readonly string[];
  /** Why other papers did not count, nearest miss first. */
  readonly refusals: readonly Refusal[];
}

/** Decided, or the reason why nobody can tell. */
export type CheckedImage =
  | { readonly kind: "decided"; readonly verdict: ImageVerdict }
  | { readonly kind: "undecided"; readonly reference: string; readonly error: WaybillError };

/** Verifies the papers of each reference; one image's trouble never keeps another from its answer. */
export const verifyImages =
  (deps: { readonly repositories: Repositories }) =>
  (ctx: Ctx, input: VerifyInput): Promise<readonly CheckedImage[]> =>
    mapLimited(input.references, input.maxWorkers, async (reference): Promise<CheckedImage> => {
      try {
        const parsed = parseReference(reference);
        const image = await resolveImage(deps)(ctx, { reference: parsed, access: "read", platform: input.platform });
        return { kind: "decided", verdict: await verifyImage(ctx, image, reference, input) };
      } catch (error) {
        const known = asWaybillError(error);
        if (hasCode(known, "ABORTED")) throw known;
        return { kind: "undecided", reference, error: known };
      }
    });

/** Verifies one resolved image. Throws what kept it from deciding, and only when no good paper was found either. */
export const verifyImage = async (
  ctx: Ctx,
  image: ResolvedImage,
  reference: string,
  input: Pick<VerifyInput, "wanted" | "trust" | "storage">,
): Promise<ImageVerdict> => {
  demandSha256(image.digest);
  const requirement: Requirement = { ...input.wanted, subject: image.digest };
  const gather = {
    repository: image.repository,
    subject: image.digest,
    kinds: [input.wanted.kind],
    predicateType: input.wanted.kind === "attestation" ? input.wanted.predicateType : undefined,
    storage: input.storage,
  };
  const judge = createJudge(input.trust, requirement);
  const failures: WaybillError[] = [];
  for await (const batch of gatherPapers(ctx, gather)) {
    judge.add(batch.papers.map(({ candidate }) => candidate));
    failures.push(...batch.failures);
    if (missingSigners(judge.judgement().claims, input.trust).length === 0) break;
  }
  const judgement = judge.judgement();
  const missing = missingSigners(judgement.claims, input.trust);
  const [failure] = failures;
  if (missing.length > 0 && failure !== undefined) throw failure;
  return { reference, digest: image.digest, ok: missing.length === 0, missingSigners: missing, ...judgement };
};

/** Trust without keys satisfies nobody: there is always somebody missing then. */
const missingSigners = (claims: readonly ProvenClaim[], { keys }: TrustMaterial): readonly string[] => {
  if (keys.length === 0) return ["any key"];
  const signed = ({ key }: TrustedKey): boolean =>
    claims.some(({ claim }) => Buffer.from(claim.signer.key.spki).equals(key.spki));
  return keys.filter((key) => !signed(key)).map(({ name }) => name);
};

/** CLI.md: any decided "no" is 1, else the code of the first that could not be decided, else 0. */
export const exitCodeOf = (checked: readonly CheckedImage[]): number => {
  if (checked.some((one) => one.kind === "decided" && !one.verdict.ok)) return 1;
  const undecided = checked.find((one) => one.kind === "undecided");
  return undecided?.kind === "undecided" ? undecided.error.exitCode : 0;
};
