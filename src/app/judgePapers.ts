import type { Candidate, Found } from "#claims/claim.ts";
import { claimIdentity } from "#trust/claimIdentity.ts";
import type { Refusal, Requirement, TrustMaterial, VerifiedClaim } from "#trust/verifiedClaim.ts";
import { verifyClaim } from "#trust/verifyClaim.ts";

/** One claim with all the copies in which it was found (DESIGN: one claim, however stored). */
export interface ProvenClaim {
  readonly claim: VerifiedClaim;
  readonly copies: readonly Found[];
}

export interface Judgement {
  readonly claims: readonly ProvenClaim[];
  /** Nearest miss first. */
  readonly refusals: readonly Refusal[];
}

/** Judges candidates as they come in. */
export interface Judge {
  readonly add: (candidates: readonly Candidate[]) => void;
  readonly judgement: () => Judgement;
}

/** An unreadable or lying candidate never hides a good one. Legacy copies lend the merged claim its shape. */
export const createJudge = (trust: TrustMaterial, requirement: Requirement, at: Date): Judge => {
  const proven = new Map<string, ProvenClaim>();
  const refusals: Refusal[] = [];
  const judge = (candidate: Candidate): void => {
    const answer = judgeCandidate(candidate, trust, requirement, at);
    if (answer.kind === "refused") refusals.push(answer.refusal);
    else answer.claims.forEach((claim) => addCopy(proven, claim));
  };
  return {
    add: (candidates) => candidates.forEach(judge),
    judgement: () => ({ claims: [...proven.values()], refusals: refusals.toSorted((a, b) => b.nearness - a.nearness) }),
  };
};

/** A candidate's answer: every distinct key that signed it speaks for itself (attack 19: one key listed twice is one). */
export type CandidateAnswer =
  | { readonly kind: "proven"; readonly claims: readonly VerifiedClaim[] }
  | { readonly kind: "refused"; readonly refusal: Refusal };

export const judgeCandidate = (
  candidate: Candidate,
  trust: TrustMaterial,
  requirement: Requirement,
  at: Date,
): CandidateAnswer => {
  if (candidate.kind === "unreadable") {
    const { found, reason } = candidate;
    return { kind: "refused", refusal: { found, code: "unreadable", nearness: 0, reason } };
  }
  const first = verifyClaim(candidate, trust, requirement, at);
  if (!first.ok) return { kind: "refused", refusal: first.refusal };
  // Only an envelope can carry further signatures; most hold one, whose signer is found. A certificate has one.
  const isSingle = candidate.kind !== "dsse" || candidate.envelope.signatures.length === 1;
  if (isSingle || first.claim.signer.identity !== undefined) return { kind: "proven", claims: [first.claim] };
  const others = trust.keys.filter(({ key }) => !Buffer.from(key.spki).equals(first.claim.signer.key.spki));
  const verdicts = others.map((key) => verifyClaim(candidate, { keys: [key] }, requirement, at));
  return {
    kind: "proven",
    claims: [first.claim, ...verdicts.flatMap((verdict) => (verdict.ok ? [verdict.claim] : []))],
  };
};

const addCopy = (proven: Map<string, ProvenClaim>, claim: VerifiedClaim): void => {
  const identity = claimIdentity(claim);
  const known = proven.get(identity);
  // cosign's scripts read the simple-signing payload, so where that copy exists it speaks for the claim.
  const speaker =
    known === undefined || (known.claim.found.form === "bundle" && claim.found.form === "legacy") ? claim : known.claim;
  proven.set(identity, { claim: speaker, copies: [...(known?.copies ?? []), claim.found] });
};
