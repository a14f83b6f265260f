import type { ClaimSigner, Proofs } from "#trust/verifiedClaim.ts";

/** Who signed, and what else proves it. */
export interface SignerVerdict {
  readonly signer: ClaimSigner;
  readonly proofs: Proofs;
}
