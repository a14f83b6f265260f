import { verify } from "node:crypto";
import type { PublicKey } from "#core/keyAlgorithm.ts";
import type { CertificateSignatureAlgorithm } from "#trust/certificate.ts";
import { readDerEcdsa } from "#trust/ecdsaSignature.ts";
import { publicKeyObject } from "#trust/publicKey.ts";

/**
 * True if this key made `signature` over exactly `bytes` with the algorithm that the document names, as certificates and signed
 * certificate timestamps do; false where the algorithm is of another kind of key. ECDSA signatures are strict DER alone.
 */
export const checkNamedSignature = (
  key: PublicKey,
  algorithm: CertificateSignatureAlgorithm,
  bytes: Uint8Array,
  signature: Uint8Array,
): boolean => {
  const object = publicKeyObject(key);
  if (algorithm === "ed25519") return key.kind === "ed25519" && verify(null, bytes, object, signature);
  const [family, hash] = [algorithm.slice(0, 3), algorithm.slice(-6)];
  if (key.kind === "rsa") return family === "rsa" && verify(hash, bytes, object, signature);
  if (key.kind === "ed25519" || family === "rsa") return false;
  return readDerEcdsa(key.kind, signature) !== undefined && verify(hash, bytes, object, signature);
};
