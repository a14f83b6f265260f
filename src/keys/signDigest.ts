import { constants, privateEncrypt } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { p256, p384, p521 } from "@noble/curves/nist.js";
import { signEd25519ph } from "#claims/ed25519ph.ts";
import { WaybillError } from "#core/errors.ts";
import { sha256DigestInfo } from "#core/digestInfo.ts";
import { messageHash } from "#core/keyAlgorithm.ts";
import type { PrivateKey } from "#keys/privateKey.ts";

const CURVES = { "ecdsa-p256": p256, "ecdsa-p384": p384, "ecdsa-p521": p521 } as const;
const SIZES = { sha256: 32, sha384: 48, sha512: 64 } as const;

/**
 * Signs a digest by the key's own hash (`messageHash`): ECDSA in DER, RSA PKCS#1 v1.5, Ed25519ph. Node signs messages only,
 * so the curves are computed by the library that also checks them; RSA stays in OpenSSL.
 */
export const signDigest = ({ object, publicKey }: PrivateKey, digest: Uint8Array): Uint8Array => {
  const { kind } = publicKey;
  if (digest.byteLength !== SIZES[messageHash(kind)])
    throw new WaybillError("INTERNAL", `a digest of ${digest.byteLength} bytes is none for a key of kind ${kind}`);
  // PKCS#1 v1.5 (RFC 8017 section 8.2.1) is the private operation on the padded DigestInfo, which is what this is called here.
  if (kind === "rsa")
    return privateEncrypt({ key: object, padding: constants.RSA_PKCS1_PADDING }, sha256DigestInfo(digest));
  const secret = readScalar(object);
  try {
    if (kind === "ed25519") return signEd25519ph(digest, secret);
    // Hedged (RFC 6979 section 3.6): neither a bad random source nor a computing fault alone gives the key away.
    return CURVES[kind].sign(digest, secret, { prehash: false, format: "der", extraEntropy: true });
  } finally {
    secret.fill(0);
  }
};

/** The private number, or Ed25519's seed: big-endian, as long as the group's order (RFC 7518 section 6.2.2.1, RFC 8037). */
const readScalar = (object: KeyObject): Uint8Array =>
  Buffer.from(object.export({ format: "jwk" }).d ?? "", "base64url");
