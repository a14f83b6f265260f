import { digestOf } from "#core/digest.ts";
import type { ClaimSigner, VerifiedClaim } from "#trust/verifiedClaim.ts";

/**
 * One claim, however stored: the legacy copy and the bundle copy of a claim have the same identity. An attestation is its
 * subject, payload and signer; a signature, whose forms have different payloads, is its subject, annotations and signer.
 * Keys are told apart by their SPKI, whatever they are called (attack 19); of an identity every certificate has another key.
 */
export const claimIdentity = (claim: VerifiedClaim): string => {
  const said = claim.kind === "attestation" ? digestOf(claim.payload) : sortedEntries(claim.annotations);
  return JSON.stringify([claim.kind, claim.subject ?? null, said, signerOf(claim.signer)]);
};

const signerOf = ({ identity, key }: ClaimSigner): string =>
  identity === undefined ? digestOf(key.spki) : JSON.stringify([identity.issuer, identity.subject]);

const sortedEntries = (annotations: Readonly<Record<string, string>>): readonly (readonly [string, string])[] =>
  Object.entries(annotations).toSorted(([a], [b]) => (a < b ? -1 : 1));
