import type { Candidate } from "#claims/claim.ts";
import type { Repository } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import { digestOf } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { hasCode } from "#core/errors.ts";
import type { IssuedPaper } from "#records/paper.ts";
import { keyFingerprint } from "#trust/publicKey.ts";
import type { TrustMaterial, VerifiedClaim } from "#trust/verifiedClaim.ts";
import { gatherPapers } from "#app/gatherPapers.ts";
import { judgeCandidate } from "#app/judgePapers.ts";
import type { CandidateAnswer } from "#app/judgePapers.ts";

export interface TallyInput {
  readonly repository: Repository;
  readonly subject: Digest;
  readonly trust: TrustMaterial;
}

/** What hangs on an image, each copy counted. */
export interface PaperTally {
  readonly verified: number;
  readonly refused: number;
  /** Why the one that came nearest does not verify. */
  readonly reason: string | undefined;
  /** Whether the first was written before the second, as far as the registry tells: below 0, above 0, or 0. */
  readonly compareAge: (a: IssuedPaper, b: IssuedPaper) => number;
}

/** Counts what the given keys said of a digest and what they did not; a registry that does not answer is thrown. */
export const tallyPapers = async (ctx: Ctx, { repository, subject, trust }: TallyInput): Promise<PaperTally> => {
  const layers = new Map<string, number>();
  const refusals: { readonly reason: string; readonly nearness: number }[] = [];
  let verified = 0;
  for await (const batch of gatherPapers(ctx, {
    repository,
    subject,
    kinds: ["signature", "attestation"],
    storage: "both",
  })) {
    for (const failure of batch.failures) {
      if (!hasCode(failure, "LIMIT_EXCEEDED")) throw failure;
      refusals.push({ reason: failure.message, nearness: 0 });
    }
    for (const { candidate } of batch.papers) {
      const answer = judge(candidate, subject, trust);
      if (answer.kind === "refused") refusals.push(answer.refusal);
      else verified++;
      for (const claim of answer.kind === "proven" ? answer.claims : []) noteLayer(layers, claim);
    }
  }
  // What stands in no tag has no place in time, and gives way to what has one.
  const placeOf = (paper: IssuedPaper): number => layers.get(`${paper.payload} ${paper.key}`) ?? -1;
  return {
    verified,
    refused: refusals.length,
    reason: refusals.toSorted((a, b) => b.nearness - a.nearness)[0]?.reason,
    compareAge: (a, b) => placeOf(a) - placeOf(b),
  };
};

const judge = (candidate: Candidate, subject: Digest, trust: TrustMaterial): CandidateAnswer => {
  const asked = { subject, checkClaims: true } as const;
  const first = judgeCandidate(candidate, trust, { kind: "signature", annotations: {}, ...asked });
  if (first.kind === "proven") return first;
  const second = judgeCandidate(candidate, trust, { kind: "attestation", predicateType: undefined, ...asked });
  if (second.kind === "proven") return second;
  return second.refusal.nearness > first.refusal.nearness ? second : first;
};

/** Writers append to the legacy tags, so that a layer's place tells its age among its kind (cosign.md 1.8). */
const noteLayer = (layers: Map<string, number>, { found, payload, signer }: VerifiedClaim): void => {
  if (found.form !== "legacy" || found.layer === undefined) return;
  const name = `${digestOf(payload)} sha256:${keyFingerprint(signer.key)}`;
  layers.set(name, Math.max(found.layer, layers.get(name) ?? 0));
};
