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
export const createJudge = (trust: TrustMaterial, requirement: Requirement): Judge => {
  const proven = new Map<string, ProvenClaim>();
  const refusals: Refusal[] = [];
  const judge = (candidate: Candidate): void => {
    if (candidate.kind === "unreadable") {
      refusals.push({ found: candidate.found, code: "unreadable", nearness: 0, reason: candidate.reason });
      return;
    }
    const verdict = verifyClaim(candidate, trust, requirement);
    if (verdict.ok) addCopy(proven, verdict.claim);
    else refusals.push(verdict.refusal);
  };
  return {
    add: (candidates) => candidates.forEach(judge),
    judgement: () => ({ claims: [...proven.values()], refusals: refusals.toSorted((a, b) => b.nearness - a.nearness) }),
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
