import { createHash, verify } from "node:crypto";
import type { HashName, PublicKey } from "#core/keyAlgorithm.ts";
import { readDerEcdsa } from "#trust/ecdsaSignature.ts";
import { publicKeyObject } from "#trust/publicKey.ts";

// Whole AlgorithmIdentifiers, with parameters NULL or none (RFC 5754 section 2): both are in use, and SHA-1 and MD5 are not.
const HASHES: ReadonlyMap<string, HashName> = new Map([
  ["300b0609608648016503040201", "sha256"],
  ["300d06096086480165030402010500", "sha256"],
  ["300b0609608648016503040202", "sha384"],
  ["300d06096086480165030402020500", "sha384"],
  ["300b0609608648016503040203", "sha512"],
  ["300d06096086480165030402030500", "sha512"],
]);

/** The hash that an AlgorithmIdentifier (DER) names; undefined for every one but SHA-256, SHA-384 and SHA-512. */
export const cmsHash = (identifier: Uint8Array): HashName | undefined => HASHES.get(hexOf(identifier));

interface SignatureAlgorithm {
  readonly family: "ecdsa" | "rsa" | "ed25519";
  /** Undefined: the signer's digest algorithm. */
  readonly hash: HashName | undefined;
}

// RFC 5753 section 2.1.1, RFC 3370 section 3.2, RFC 5754 section 3.2, RFC 8419 section 2.2; of RSA, signers leave NULL away.
const SIGNATURES: ReadonlyMap<string, SignatureAlgorithm> = new Map([
  ["300a06082a8648ce3d040302", { family: "ecdsa", hash: "sha256" }],
  ["300a06082a8648ce3d040303", { family: "ecdsa", hash: "sha384" }],
  ["300a06082a8648ce3d040304", { family: "ecdsa", hash: "sha512" }],
  ["300d06092a864886f70d0101010500", { family: "rsa", hash: undefined }],
  ["300b06092a864886f70d010101", { family: "rsa", hash: undefined }],
  ["300d06092a864886f70d01010b0500", { family: "rsa", hash: "sha256" }],
  ["300b06092a864886f70d01010b", { family: "rsa", hash: "sha256" }],
  ["300d06092a864886f70d01010c0500", { family: "rsa", hash: "sha384" }],
  ["300b06092a864886f70d01010c", { family: "rsa", hash: "sha384" }],
  ["300d06092a864886f70d01010d0500", { family: "rsa", hash: "sha512" }],
  ["300b06092a864886f70d01010d", { family: "rsa", hash: "sha512" }],
  ["300506032b6570", { family: "ed25519", hash: "sha512" }],
]);

/** Whether an AlgorithmIdentifier (DER) of a signature may go with this digest of its content. */
export const isCmsSignature = (identifier: Uint8Array, digest: HashName): boolean => {
  const algorithm = SIGNATURES.get(hexOf(identifier));
  return algorithm !== undefined && (algorithm.hash ?? digest) === digest;
};

/** Whether `signature` is this key's over `bytes`, made in exactly the way that `identifier` and `digest` say. */
export const checkCmsSignature = (
  key: PublicKey,
  { identifier, digest }: { readonly identifier: Uint8Array; readonly digest: HashName },
  bytes: Uint8Array,
  signature: Uint8Array,
): boolean => {
  const family = isCmsSignature(identifier, digest) ? SIGNATURES.get(hexOf(identifier))?.family : undefined;
  if (key.kind === "ed25519") return family === key.kind && verify(null, bytes, publicKeyObject(key), signature);
  if (key.kind === "rsa") return family === key.kind && verify(digest, bytes, publicKeyObject(key), signature);
  // DER alone, or one signature would have many spellings.
  const isStrict = family === "ecdsa" && readDerEcdsa(key.kind, signature) !== undefined;
  return isStrict && verify(digest, bytes, publicKeyObject(key), signature);
};

/** Whether the hash of `bytes` is `digest`. */
export const isDigestOf = (digest: Uint8Array, hash: HashName, bytes: Uint8Array): boolean =>
  createHash(hash).update(bytes).digest().equals(digest);

const hexOf = (identifier: Uint8Array): string => Buffer.from(identifier.subarray(0, 32)).toString("hex");
