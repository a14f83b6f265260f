import type { BlobCandidate } from "#claims/claim.ts";
import type { PublicKey } from "#core/keyAlgorithm.ts";
import { readCarriedChain } from "#trust/carriedChain.ts";
import { isFault } from "#trust/fault.ts";

/** The key of the certificate that a paper brings along, unverified: good for knowing which hashes of a file it takes to check. */
export const carriedKey = (candidate: BlobCandidate): PublicKey | undefined => {
  const certificates = candidate.kind === "message" ? candidate.carried?.certificates : undefined;
  if (certificates === undefined || certificates.length === 0) return undefined;
  const chain = readCarriedChain(certificates.slice(0, 1));
  return isFault(chain) ? undefined : chain[0]?.key;
};
