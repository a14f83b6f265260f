import type { Ctx } from "#core/ctx.ts";
import { hasCode } from "#core/errors.ts";
import type { Signer } from "#core/signer.ts";
import type { TrustMaterial, VerifiedClaim } from "#trust/verifiedClaim.ts";
import { gatherPapers } from "#app/gatherPapers.ts";
import { judgeCandidate } from "#app/judgePapers.ts";
import type { ResolvedImage } from "#app/resolveImage.ts";

/** What this key alone attested, of one type, in every copy. */
export const findOwn = async (
  ctx: Ctx,
  { repository, digest: subject }: ResolvedImage,
  signer: Signer,
  predicateType: string,
): Promise<readonly VerifiedClaim[]> => {
  const trust: TrustMaterial = { keys: [{ name: "own key", key: signer.publicKey }] };
  const requirement = { kind: "attestation", subject, predicateType, checkClaims: true } as const;
  const own: VerifiedClaim[] = [];
  const gather = { repository, subject, kinds: ["attestation"] as const, predicateType, storage: "both" as const };
  for await (const { papers, failures } of gatherPapers(ctx, gather)) {
    // Beyond the limits lies junk; what cannot be read for another reason may be what is to go.
    const failure = failures.find((one) => !hasCode(one, "LIMIT_EXCEEDED"));
    if (failure !== undefined) throw failure;
    for (const { candidate } of papers) {
      const answer = judgeCandidate(candidate, trust, requirement, new Date(ctx.clock.now()));
      if (answer.kind === "proven") own.push(...answer.claims.filter(isAlone));
    }
  }
  return own;
};

/** An envelope that others signed, too, is also theirs; a statement about several images is also the others'. */
const isAlone = ({ claim, subjects }: VerifiedClaim): boolean =>
  claim.kind === "dsse" && claim.envelope.signatures.length === 1 && subjects.length === 1;
