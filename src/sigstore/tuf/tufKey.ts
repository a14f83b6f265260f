import { constants, verify } from "node:crypto";
import { hasCode } from "#core/errors.ts";
import type { JsonObject } from "#core/strictJson.ts";
import { isJsonObject } from "#core/strictJson.ts";
import { formatPublicKey, keyFingerprint, parsePublicKey, publicKeyObject } from "#trust/publicKey.ts";
import type { PublicKey } from "#core/keyAlgorithm.ts";

/** A key of root metadata that signatures can be checked with. */
export interface TufKey {
  /** SHA-256 of its SPKI: one key under two ids is one signer. */
  readonly fingerprint: string;
  readonly verify: (bytes: Uint8Array, signature: Uint8Array) => boolean;
}

// SPKI of an Ed25519 key up to its 32 bytes (RFC 8410 section 4).
const ED25519_SPKI = "302a300506032b6570032100";

/**
 * A member of `keys` (TUF 1.0, section 4.2). Undefined for one that is weak, unreadable, or of a scheme that is not known
 * here: it counts for nobody, and the others still do.
 */
export const readTufKey = (value: JsonObject): TufKey | undefined => {
  const { keyval, scheme } = value;
  const text = isJsonObject(keyval) ? keyval["public"] : undefined;
  if (typeof text !== "string" || typeof scheme !== "string") return undefined;
  const key = readKey(text);
  const check = key === undefined ? undefined : checkOf(key, scheme);
  return key === undefined || check === undefined ? undefined : { fingerprint: keyFingerprint(key), verify: check };
};

const readKey = (text: string): PublicKey | undefined => {
  const hex = /^[0-9a-f]{64}$/.test(text);
  try {
    return parsePublicKey(
      hex ? formatPublicKey({ kind: "ed25519", spki: Buffer.from(ED25519_SPKI + text, "hex") }) : text,
    );
  } catch (error) {
    if (hasCode(error, "TRUST_INVALID", "KEY_WEAK")) return undefined;
    throw error;
  }
};

/** The scheme must be the key's own: nobody chooses another hash for it. */
const checkOf = (key: PublicKey, scheme: string): TufKey["verify"] | undefined => {
  const object = publicKeyObject(key);
  if (key.kind === "ed25519" && scheme === "ed25519")
    return (bytes, signature) => verify(null, bytes, object, signature);
  if (key.kind === "rsa" && scheme === "rsassa-pss-sha256")
    return (bytes, signature) => verify("sha256", bytes, { key: object, ...PSS }, signature);
  const hash = ECDSA_HASHES[`${key.kind} ${scheme}`];
  return hash === undefined ? undefined : (bytes, signature) => verify(hash, bytes, object, signature);
};

// Signers of TUF use salts of either usual length.
const PSS = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_AUTO } as const;

const ECDSA_HASHES: Readonly<Record<string, string>> = {
  "ecdsa-p256 ecdsa-sha2-nistp256": "sha256",
  "ecdsa-p384 ecdsa-sha2-nistp384": "sha384",
};
