import type { HashName } from "#core/keyAlgorithm.ts";
import type { JsonObject } from "#core/strictJson.ts";
import type { LoggedDigest, LoggedSignature, LoggedVerifier, ReadSpec } from "#trust/logBody.ts";
import { badMember, bytesAt, listAt, objectAt, textAt } from "#trust/logBodyMember.ts";

/** hashedrekord 0.0.2 (rekor/v2/hashedrekord.proto): of an envelope, the digest is of its pre-authentication encoding. */
export const readTilesHashedRekord: ReadSpec = (spec) => {
  const entry = objectAt(spec, "hashedRekordV002");
  return {
    signatures: [readSignature(objectAt(entry, "signature"))],
    digests: [readDigest("signed", objectAt(entry, "data"))],
  };
};

/** dsse 0.0.2 (rekor/v2/dsse.proto). */
export const readTilesDsse: ReadSpec = (spec) => {
  const entry = objectAt(spec, "dsseV002");
  return {
    signatures: listAt(entry, "signatures").map(readSignature),
    digests: [readDigest("payload", objectAt(entry, "payloadHash"))],
  };
};

const readSignature = (signature: JsonObject): LoggedSignature => ({
  signature: bytesAt(signature, "content"),
  verifier: readVerifier(objectAt(signature, "verifier")),
});

/** rekor/v2/verifier.proto: a key or a certificate, not both. */
const readVerifier = (verifier: JsonObject): LoggedVerifier => {
  const details = textAt(verifier, "keyDetails");
  const [isKey, isCertificate] = ["publicKey", "x509Certificate"].map((name) => verifier[name] !== undefined);
  if (isKey === isCertificate) throw badMember("verifier", "names not exactly one key or certificate");
  const der = bytesAt(objectAt(verifier, isKey ? "publicKey" : "x509Certificate"), "rawBytes");
  return { kind: isKey ? "key" : "certificate", der, details };
};

// sigstore_common.proto, HashAlgorithm.
const HASHES: Readonly<Record<string, readonly [HashName, number]>> = {
  SHA2_256: ["sha256", 32],
  SHA2_384: ["sha384", 48],
  SHA2_512: ["sha512", 64],
};

const readDigest = (of: LoggedDigest["of"], data: JsonObject): LoggedDigest => {
  const algorithm = textAt(data, "algorithm");
  const [hash, size] = (Object.hasOwn(HASHES, algorithm) ? HASHES[algorithm] : undefined) ?? [];
  const value = bytesAt(data, "digest");
  if (hash === undefined || value.byteLength !== size) throw badMember("a digest", "is none of its algorithm");
  return { of, hash, value };
};
