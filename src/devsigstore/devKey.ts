import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { parsePublicKey } from "#trust/publicKey.ts";
import type { PublicKey } from "#core/keyAlgorithm.ts";

/** A private key of the local Sigstore: it lives in this process and is never written anywhere. */
export interface DevKey {
  readonly publicKey: PublicKey;
  /** SHA-256 of its SPKI. */
  readonly fingerprint: Uint8Array;
  /** ECDSA over SHA-256 (P-256) or SHA-384 (P-384) as DER, or pure Ed25519. */
  readonly sign: (bytes: Uint8Array) => Uint8Array;
}

/** Makes a new key. */
export const newDevKey = (kind: "ecdsa-p256" | "ecdsa-p384" | "ed25519"): DevKey => {
  const { publicKey, privateKey } =
    kind === "ed25519"
      ? generateKeyPairSync("ed25519")
      : generateKeyPairSync("ec", { namedCurve: kind === "ecdsa-p256" ? "P-256" : "P-384" });
  const read = parsePublicKey(publicKey.export({ type: "spki", format: "pem" }), "a new key");
  const hash = kind === "ed25519" ? null : kind === "ecdsa-p256" ? "sha256" : "sha384";
  return {
    publicKey: read,
    fingerprint: createHash("sha256").update(read.spki).digest(),
    sign: (bytes) => sign(hash, bytes, privateKey),
  };
};
