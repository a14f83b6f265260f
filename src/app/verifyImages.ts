import { withGiven } from "#claims/givenProofs.ts";
import type { GivenProofs } from "#claims/givenProofs.ts";
import type { Digest } from "#core/digest.ts";
import type { Repositories } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import { asWaybillError, hasCode } from "#core/errors.ts";
import type { WaybillError } from "#core/errors.ts";
import { mapLimited } from "#core/limit.ts";
import { parseReference } from "#core/reference.ts";
import { saidBy } from "#trust/saidBy.ts";
import { countedSigners, personNames, signerId } from "#trust/signerId.ts";
import { tallySigners } from "#trust/tallySigners.ts";
import { trustFor } from "#trust/trustFor.ts";
import type { SignerDemand, SignerTally } from "#trust/tallySigners.ts";
import type { Refusal, Requirement, TrustMaterial, VerifiedClaim } from "#trust/verifiedClaim.ts";
import { divideSboms } from "#app/divideSboms.ts";
import { gatherPapers } from "#app/gatherPapers.ts";
import { createJudge } from "#app/judgePapers.ts";
import type { ProvenClaim } from "#app/judgePapers.ts";
import { looseBatch } from "#app/looseSignature.ts";
import type { LooseSignature } from "#app/looseSignature.ts";
import { demandSha256, resolveImage } from "#app/resolveImage.ts";
import type { ResolvedImage } from "#app/resolveImage.ts";
import { isSbomType } from "#app/sbomTime.ts";
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
  /** A signature that lies in files, which then is the only one looked at. */
  readonly loose?: LooseSignature | undefined;
  readonly trust: TrustMaterial;
  /** How many of the keys must have signed; every one where nothing is said. */
  readonly demand?: SignerDemand;
  readonly storage: Storage;
  readonly platform?: string | undefined;
  /** Images under way at once. */
  readonly maxWorkers: number;
  /** As of when; undefined: now. */
  readonly at?: Date | undefined;
  /** What stands beside the papers. */
  readonly given?: GivenProofs | undefined;
}

/** The answer for one image: a value, whether yes or no. */
export interface ImageVerdict {
  readonly reference: string;
  readonly digest: Digest;
  readonly ok: boolean;
  /** What enough keys signed: only this counts. Of an image without that: none. */
  readonly claims: readonly ProvenClaim[];
  /** SBOMs that enough keys signed, and in whose place their signers put a newer one. */
  readonly superseded: readonly ProvenClaim[];
  /** What trusted keys signed, too, and too few of them, or something else. */
  readonly others: readonly ProvenClaim[];
  /** Which keys signed what counts, and which did not. */
  readonly signers: SignerTally;
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
  input: Pick<VerifyInput, "wanted" | "trust" | "demand" | "storage" | "loose" | "at" | "given">,
): Promise<ImageVerdict> => {
  demandSha256(image.digest);
  const trust = trustFor(input.trust, image.reference);
  const requirement: Requirement = { ...input.wanted, subject: image.digest };
  const gather = {
    repository: image.repository,
    subject: image.digest,
    kinds: [input.wanted.kind],
    predicateType: input.wanted.kind === "attestation" ? input.wanted.predicateType : undefined,
    storage: input.storage,
  };
  const judge = createJudge(trust, requirement, input.at ?? new Date(ctx.clock.now()));
  const weigh = createScales({ ...input, trust });
  const failures: WaybillError[] = [];
  const papers =
    input.loose === undefined ? gatherPapers(ctx, gather) : [looseBatch(input.loose, image.reference, image.digest)];
  for await (const batch of papers) {
    judge.add(batch.papers.map(({ candidate }) => withGiven(candidate, input.given)));
    failures.push(...batch.failures);
    if (batch.moreLikely && wantsNewest(input.wanted)) continue;
    if (weigh(judge.judgement().claims).signers.ok) break;
  }
  const { claims, refusals } = judge.judgement();
  const weighed = weigh(claims);
  const [failure] = failures;
  if (!weighed.signers.ok && failure !== undefined) throw failure;
  return { reference, digest: image.digest, ok: weighed.signers.ok, ...weighed, refusals };
};

/** Of these the first good one is not enough: all that say that they are one are looked at, to find the newest. */
const wantsNewest = (wanted: Wanted): boolean =>
  wanted.kind === "attestation" && wanted.predicateType !== undefined && isSbomType(wanted.predicateType);

/** Divides claims into those that enough keys signed and the others. */
const createScales = ({ trust, demand = { kind: "every" } }: Pick<VerifyInput, "trust" | "demand">) => {
  // What one signer says needs no comparing, and comparing is work.
  const trusted = countedSigners(trust);
  const isAlone = trusted.length < 2 || (demand.kind === "at-least" && demand.count < 2);
  const known = new Map<VerifiedClaim, string>();
  const wordOf = ({ claim }: ProvenClaim): string => {
    const said = known.get(claim) ?? (isAlone ? "" : saidBy(claim));
    known.set(claim, said);
    return said;
  };
  return (claims: readonly ProvenClaim[]): Pick<ImageVerdict, "claims" | "superseded" | "others" | "signers"> => {
    const words = claims.map((one) => ({
      signer: signerId(one.claim.signer),
      person: personNames(one.claim.signer),
      said: wordOf(one),
    }));
    const signers = tallySigners(trusted, words, demand);
    const counts = (one: ProvenClaim): boolean => signers.accepted.has(wordOf(one));
    const { current, superseded } = divideSboms(claims.filter(counts));
    return { signers, claims: current, superseded, others: claims.filter((one) => !counts(one)) };
  };
};

/** CLI.md: any decided "no" is 1, else the code of the first that could not be decided, else 0. */
export const exitCodeOf = (checked: readonly CheckedImage[]): number => {
  if (checked.some((one) => one.kind === "decided" && !one.verdict.ok)) return 1;
  const undecided = checked.find((one) => one.kind === "undecided");
  return undecided?.kind === "undecided" ? undecided.error.exitCode : 0;
};
