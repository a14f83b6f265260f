import { digestOf } from "#core/digest.ts";
import type { IssuedPaper } from "#records/paper.ts";
import { keyFingerprint } from "#trust/publicKey.ts";
import type { Refusal, VerifiedClaim } from "#trust/verifiedClaim.ts";
import type { CandidateAnswer } from "#app/judgePapers.ts";

/** What hangs on an image, each copy counted. */
export interface PaperTally {
  readonly refused: number;
  /** Why the one that came nearest does not verify. */
  readonly reason: string | undefined;
  /** Whether the first was written before the second, as far as the registry tells: below 0, above 0, or 0. */
  readonly compareAge: (a: IssuedPaper, b: IssuedPaper) => number;
}

/** Counts copies of papers while they are judged. */
export const createTally = (): {
  readonly add: (answer: CandidateAnswer) => void;
  /** Something that was not read. */
  readonly refuse: (refusal: Pick<Refusal, "reason" | "nearness">) => void;
  readonly tally: () => PaperTally;
} => {
  const layers = new Map<string, number>();
  let refused = 0;
  let nearest: Pick<Refusal, "reason" | "nearness"> | undefined;
  const refuse = (refusal: Pick<Refusal, "reason" | "nearness">): void => {
    refused++;
    if (nearest === undefined || refusal.nearness > nearest.nearness) nearest = refusal;
  };
  // What stands in no tag has no place in time, and gives way to what has one.
  const placeOf = (paper: IssuedPaper): number => layers.get(`${paper.payload} ${paper.key}`) ?? -1;
  return {
    refuse,
    add: (answer) => {
      if (answer.kind === "refused") refuse(answer.refusal);
      else for (const claim of answer.claims) noteLayer(layers, claim);
    },
    tally: () => ({ refused, reason: nearest?.reason, compareAge: (a, b) => placeOf(a) - placeOf(b) }),
  };
};

/** Writers append to the legacy tags, so that a layer's place tells its age among its kind (cosign.md 1.8). */
const noteLayer = (layers: Map<string, number>, { found, payload, signer }: VerifiedClaim): void => {
  if (found.form !== "legacy" || found.layer === undefined) return;
  const name = `${digestOf(payload)} sha256:${keyFingerprint(signer.key)}`;
  layers.set(name, Math.max(found.layer, layers.get(name) ?? 0));
};
