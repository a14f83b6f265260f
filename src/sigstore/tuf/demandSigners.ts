import { badMetadata } from "#sigstore/tuf/badMetadata.ts";
import type { TufDocument, TufRole } from "#sigstore/tuf/tufMetadata.ts";
import type { TufRoot } from "#sigstore/tuf/tufRoot.ts";

/**
 * Demands that as many distinct keys of `role` as its threshold says have signed `document` (TUF 1.0, 5.3.4). Keys count by
 * what they are and not by how they are called, so that one signer is never two. TRUST_INVALID.
 */
export const demandSigners = (root: TufRoot, role: TufRole, document: TufDocument): void => {
  const { keys, threshold } = root.roles[role];
  const signers = new Set<string>();
  for (const { keyId, signature } of document.signatures) {
    const key = keys.get(keyId);
    if (key?.verify(document.payload, signature) === true) signers.add(key.fingerprint);
  }
  if (signers.size < threshold)
    throw badMetadata(
      document.what,
      `is signed by ${signers.size} of the keys that root version ${root.version} names for ${role}, and needs ${threshold}`,
    );
};
