import { WaybillError } from "#core/errors.ts";
import type { KeyKind } from "#core/keyAlgorithm.ts";
import type { TrustMaterial } from "#trust/verifiedClaim.ts";

// What `checkSignature` tries for each kind; Ed25519 has a hash of its own inside, so cosign's word for it is without effect.
const HASHES: Readonly<Record<KeyKind, readonly string[]>> = {
  "ecdsa-p256": ["sha256"],
  "ecdsa-p384": ["sha384", "sha256"],
  "ecdsa-p521": ["sha512", "sha256"],
  ed25519: ["sha256", "sha384", "sha512"],
  rsa: ["sha256"],
};

/** Refuses a hash that signatures of these keys are never verified with (cosign.md 4.4): it comes from the key. USAGE_INVALID. */
export const demandHash = ({ keys }: TrustMaterial, hash: string | undefined): void => {
  if (hash === undefined) return;
  for (const { name, key } of keys) {
    const known = HASHES[key.kind];
    if (known.includes(hash)) continue;
    throw new WaybillError("USAGE_INVALID", `--signature-digest-algorithm ${hash}: ${name} signs with ${known[0]}`, {
      hint: "Leave the flag away: the hash comes from the key.",
    });
  }
};
