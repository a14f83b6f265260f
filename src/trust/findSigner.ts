import { publicKeyHint } from "#claims/bundle.ts";
import type { Claim } from "#claims/claim.ts";
import { pae } from "#claims/dsse.ts";
import { checkSignature } from "#trust/checkSignature.ts";
import type { Fault } from "#trust/fault.ts";
import { quoted } from "#trust/fault.ts";
import type { TrustMaterial, VerifiedClaim } from "#trust/verifiedClaim.ts";

export type ClaimSigner = VerifiedClaim["signer"];

/**
 * The first trusted key that made one of the claim's signatures over exactly the claim's bytes. A key that is listed twice
 * speaks under its first name only (attack 19).
 */
export const findSigner = (claim: Claim, trust: TrustMaterial): ClaimSigner | Fault => {
  const simple = claim.kind === "simple-signing";
  const bytes = simple ? claim.payload : pae(claim.envelope.payloadType, claim.envelope.payload);
  const signatures = simple ? [claim.signature] : claim.envelope.signatures.map(({ sig }) => sig);
  for (const { name, key } of trust.keys) {
    for (const signature of signatures) {
      const scheme = signature.byteLength === 0 ? undefined : checkSignature(key, bytes, signature);
      if (scheme !== undefined) return { name, key, scheme };
    }
  }
  return explain(claim, trust);
};

/** Nothing here is evidence; it only tells people where to look. */
const explain = (claim: Claim, trust: TrustMaterial): Fault => {
  if (trust.keys.length === 0) return { code: "wrong-key", reason: "no key is trusted" };
  if (claim.material === "certificate") {
    return { code: "certificate-signed", reason: "it is signed with a certificate; a trusted key was asked for" };
  }
  const hint = claim.kind === "dsse" ? claim.keyHint : undefined;
  const named = hint === undefined ? undefined : trust.keys.find(({ key }) => publicKeyHint(key.spki) === hint);
  if (named !== undefined) {
    const reason = `it names the key ${quoted(named.name)}, but its signature does not fit: it was changed after signing`;
    return { code: "bad-signature", reason };
  }
  return {
    code: "wrong-key",
    reason: "no trusted key made its signature: another key did, or it was changed after signing",
  };
};
