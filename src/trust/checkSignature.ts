import { createHash, verify } from "node:crypto";
import { verifyEd25519ph } from "#claims/ed25519ph.ts";
import type { PublicKey, SignatureScheme } from "#core/keyAlgorithm.ts";
import { curveHashes, readEcdsa } from "#trust/ecdsaSignature.ts";
import type { CurveKind } from "#trust/ecdsaSignature.ts";
import { publicKeyObject } from "#trust/publicKey.ts";

/**
 * Says with which scheme `signature` is this key's over exactly `bytes`, or undefined when it is not. The scheme follows from
 * the key alone (attack 23). Never throws for any signature. ECDSA: strict DER, or r and s side by side (IEEE P1363) as
 * cosign reads them, high s included (cosign.md 11, 7). Ed25519: pure, then prehashed. RSA: PKCS#1 v1.5, no PSS.
 */
export const checkSignature = (
  key: PublicKey,
  bytes: Uint8Array,
  signature: Uint8Array,
): SignatureScheme | undefined => {
  if (key.kind === "rsa") {
    return verify("sha256", bytes, publicKeyObject(key), signature) ? "rsa-pkcs1-sha256" : undefined;
  }
  return key.kind === "ed25519" ? checkEd25519(key, bytes, signature) : checkEcdsa(key, key.kind, bytes, signature);
};

const checkEd25519 = (key: PublicKey, bytes: Uint8Array, signature: Uint8Array): SignatureScheme | undefined => {
  if (signature.length !== 64) return undefined;
  if (verify(null, bytes, publicKeyObject(key), signature)) return "ed25519";
  const found = verifyEd25519ph(signature, createHash("sha512").update(bytes).digest(), key.spki.subarray(-32));
  return found ? "ed25519ph" : undefined;
};

const checkEcdsa = (
  key: PublicKey,
  kind: CurveKind,
  bytes: Uint8Array,
  signature: Uint8Array,
): SignatureScheme | undefined => {
  const raw = readEcdsa(kind, signature);
  if (raw === undefined) return undefined;
  const object = publicKeyObject(key);
  // As DER where it came as DER, now known to be strict: r and s side by side would only be written as DER again.
  const form = raw === signature ? ({ key: object, dsaEncoding: "ieee-p1363" } as const) : object;
  return curveHashes(kind).find(({ name }) => verify(name, bytes, form, signature))?.scheme;
};
