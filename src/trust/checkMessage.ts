import { constants, publicDecrypt } from "node:crypto";
import { p256, p384, p521 } from "@noble/curves/nist.js";
import { verifyEd25519ph } from "#claims/ed25519ph.ts";
import { sha256DigestInfo } from "#core/digestInfo.ts";
import type { HashName, PublicKey, SignatureScheme } from "#core/keyAlgorithm.ts";
import type { Message } from "#core/message.ts";
import { checkSignature } from "#trust/checkSignature.ts";
import { curveHashes, readEcdsa } from "#trust/ecdsaSignature.ts";
import type { CurveKind } from "#trust/ecdsaSignature.ts";
import { publicKeyObject } from "#trust/publicKey.ts";

const CURVES = { "ecdsa-p256": p256, "ecdsa-p384": p384, "ecdsa-p521": p521 } as const;

// The point ends the SPKI: 0x04 and two coordinates (RFC 5480 section 2.2).
const UNCOMPRESSED = { "ecdsa-p256": 65, "ecdsa-p384": 97, "ecdsa-p521": 133 } as const;

/** The hashes of a message that must be there to check a signature of this key over it. */
export const messageHashes = ({ kind }: PublicKey): readonly HashName[] => {
  if (kind === "ed25519") return ["sha512"];
  return kind === "rsa" ? ["sha256"] : curveHashes(kind).map(({ name }) => name);
};

/**
 * As `checkSignature`, for a message that may be known by its digests alone. Pure Ed25519 is over the bytes themselves, so
 * without them only its prehashed form is found. Never throws for any signature.
 */
export const checkMessage = (key: PublicKey, message: Message, signature: Uint8Array): SignatureScheme | undefined => {
  if (message.bytes !== undefined) return checkSignature(key, message.bytes, signature);
  if (key.kind === "rsa") return checkRsa(key, message, signature);
  if (key.kind !== "ed25519") return checkEcdsa(key, key.kind, message, signature);
  const digest = message.digests.get("sha512");
  const fits = digest !== undefined && signature.length === 64;
  return fits && verifyEd25519ph(signature, digest, key.spki.subarray(-32)) ? "ed25519ph" : undefined;
};

/** RFC 8017 section 8.2.2, with the comparison of its note: what was padded must be this DigestInfo and nothing else. */
const checkRsa = (key: PublicKey, { digests }: Message, signature: Uint8Array): SignatureScheme | undefined => {
  const digest = digests.get("sha256");
  if (digest === undefined || signature.length * 8 !== Math.ceil((key.bits ?? 0) / 8) * 8) return undefined;
  try {
    const padded = { key: publicKeyObject(key), padding: constants.RSA_PKCS1_PADDING };
    return publicDecrypt(padded, signature).equals(sha256DigestInfo(digest)) ? "rsa-pkcs1-sha256" : undefined;
  } catch {
    return undefined;
  }
};

const checkEcdsa = (
  key: PublicKey,
  kind: CurveKind,
  { digests }: Message,
  signature: Uint8Array,
): SignatureScheme | undefined => {
  const raw = readEcdsa(kind, signature);
  if (raw === undefined) return undefined;
  const curve = CURVES[kind];
  const point = key.spki.subarray(-UNCOMPRESSED[kind]);
  return curveHashes(kind).find(({ name }) => {
    const digest = digests.get(name);
    return digest !== undefined && curve.verify(raw, digest, point, { prehash: false, lowS: false });
  })?.scheme;
};
