import type { KeyObject } from "node:crypto";
import { p256, p384, p521 } from "@noble/curves/nist.js";
import type { SignedEntity } from "@sigstore/verify";

type SignatureContent = SignedEntity["signature"];

const CURVES = { prime256v1: p256, secp384r1: p384, secp521r1: p521 } as const;

/** The content of a message of which nothing but its digest is at hand: `node:crypto` cannot check such a signature. */
export const digestContent = (content: SignatureContent, digest: Buffer): SignatureContent => ({
  signature: content.signature,
  compareSignature: (signature) => content.compareSignature(signature),
  compareDigest: (other) => content.compareDigest(other) && digest.equals(other),
  compareSignedDigest: (other) => content.compareSignedDigest(other) && digest.equals(other),
  verifySignature: (key) => verifyDigest(key, digest, content.signature),
});

const verifyDigest = (key: KeyObject, digest: Uint8Array, signature: Uint8Array): boolean => {
  const curve = CURVES[(key.asymmetricKeyDetails?.namedCurve ?? "") as keyof typeof CURVES] as typeof p256 | undefined;
  if (curve === undefined) throw new Error("a digest can be checked only against keys on NIST curves");
  // RFC 5480 section 2.2: the uncompressed point ends the SPKI.
  const point = key.export({ format: "der", type: "spki" }).subarray(-(1 + 2 * curve.Point.Fp.BYTES));
  return curve.verify(signature, digest, point, { prehash: false, lowS: false, format: "der" });
};
