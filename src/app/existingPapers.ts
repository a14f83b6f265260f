import type { Candidate, Claim } from "#claims/claim.ts";
import type { Repository } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import { digestOf } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { hasCode } from "#core/errors.ts";
import type { PublicKey } from "#core/keyAlgorithm.ts";
import type { Requirement, TrustMaterial, VerifiedClaim } from "#trust/verifiedClaim.ts";
import { verifyClaim } from "#trust/verifyClaim.ts";
import { gatherPapers } from "#app/gatherPapers.ts";
import type { Form, Storage } from "#app/storage.ts";

/** A paper by the same key that is on the image already. */
export interface ExistingPaper {
  readonly form: Form;
  readonly manifest: Digest;
  readonly tag: string | undefined;
  /** Raw signature, where the carrier holds exactly one: an attestation's other form is stored with the same. */
  readonly signature: Uint8Array | undefined;
}

/** By form and payload: equal payload plus a signature that verifies under the same key is "already there". */
export interface ExistingPapers {
  readonly find: (form: Form, payload: Uint8Array) => ExistingPaper | undefined;
}

export interface ExistingInput {
  readonly repository: Repository;
  readonly subject: Digest;
  readonly key: PublicKey;
  readonly storage: Storage;
}

/** Reads back what this key has said about an image. A registry that does not answer is thrown: writing blindly duplicates. */
export const findExistingPapers = async (ctx: Ctx, input: ExistingInput): Promise<ExistingPapers> => {
  const trust: TrustMaterial = { keys: [{ name: "own key", key: input.key }] };
  const found = new Map<string, ExistingPaper>();
  for await (const batch of gatherPapers(ctx, { ...input, kinds: ["attestation", "signature"] })) {
    // Beyond the limits lies junk; at worst a paper is written again, while giving up would let junk forbid signing.
    const failure = batch.failures.find((one) => !hasCode(one, "LIMIT_EXCEEDED"));
    if (failure !== undefined) throw failure;
    for (const { candidate } of batch.papers) {
      const verified = verifyOwn(candidate, trust, input.subject, new Date(ctx.clock.now()));
      if (verified !== undefined) found.set(keyOf(verified.found.form, verified.payload), existing(verified));
    }
  }
  return { find: (form, payload) => found.get(keyOf(form, payload)) };
};

const keyOf = (form: Form, payload: Uint8Array): string => `${form} ${digestOf(payload)}`;

const verifyOwn = (
  candidate: Candidate,
  trust: TrustMaterial,
  subject: Digest,
  at: Date,
): VerifiedClaim | undefined => {
  if (candidate.kind === "unreadable") return undefined;
  const requirements: readonly Requirement[] = [
    { kind: "attestation", subject, predicateType: undefined, checkClaims: true },
    { kind: "signature", subject, annotations: {}, checkClaims: true },
  ];
  for (const requirement of requirements) {
    const verdict = verifyClaim(candidate, trust, requirement, at);
    if (verdict.ok) return verdict.claim;
  }
  return undefined;
};

const existing = ({ found, claim }: VerifiedClaim): ExistingPaper => ({
  form: found.form,
  manifest: found.manifest,
  tag: found.tag,
  signature: onlySignature(claim),
});

const onlySignature = (claim: Claim): Uint8Array | undefined => {
  if (claim.kind === "simple-signing") return claim.signature;
  return claim.envelope.signatures.length === 1 ? claim.envelope.signatures[0]?.sig : undefined;
};
