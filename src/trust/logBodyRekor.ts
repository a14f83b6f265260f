import { decodeBase64 } from "#claims/base64.ts";
import type { HashName } from "#core/keyAlgorithm.ts";
import type { JsonObject } from "#core/strictJson.ts";
import type { LoggedDigest, LoggedVerifier, ReadSpec } from "#trust/logBody.ts";
import { badMember, bytesAt, listAt, objectAt, textAt } from "#trust/logBodyMember.ts";

/** hashedrekord 0.0.1: a detached signature and the digest that it is over. */
export const readHashedRekord: ReadSpec = (spec) => ({
  signatures: [readSignature(objectAt(spec, "signature"))],
  digests: [readDigest("signed", objectAt(spec, "data", "hash"))],
});

/** rekord 0.0.1: the same, but the digest is SHA-256 whatever the signature is over. */
export const readRekord: ReadSpec = (spec) => {
  const signature = objectAt(spec, "signature");
  // The others are PGP, minisign, SSH and the like, which none of our keys make.
  if (textAt(signature, "format") !== "x509") throw badMember("signature.format", "is not x509");
  return {
    signatures: [readSignature(signature)],
    digests: [readDigest("message", objectAt(spec, "data", "hash"))],
  };
};

const readSignature = (signature: JsonObject) => ({
  signature: bytesAt(signature, "content"),
  verifier: readPem(objectAt(signature, "publicKey"), "content"),
});

/**
 * dsse 0.0.1. `envelopeHash` is of the JSON that was uploaded, of which every copy may have another spelling; what the
 * signatures are over is all in the payload and its type.
 */
export const readDsse: ReadSpec = (spec) => ({
  signatures: listAt(spec, "signatures").map((one) => ({
    signature: bytesAt(one, "signature"),
    verifier: readPem(one, "verifier"),
  })),
  digests: [readDigest("payload", objectAt(spec, "payloadHash"))],
});

/** intoto 0.0.2: the signatures are base64 of base64, because Rekor's schema took text for bytes. */
export const readIntoto002: ReadSpec = (spec) => ({
  signatures: listAt(objectAt(spec, "content", "envelope"), "signatures").map((one) => {
    const signature = decodeBase64(Buffer.from(bytesAt(one, "sig")).toString("latin1"));
    if (signature === undefined || signature.byteLength === 0) throw badMember("sig", "is not base64 of base64");
    return { signature, verifier: readPem(one, "publicKey") };
  }),
  digests: [readDigest("payload", objectAt(spec, "content", "payloadHash"))],
});

/** intoto 0.0.1: no signature, so that the hash of the whole envelope is all that ties it to one. */
export const readIntoto001: ReadSpec = (spec) => {
  const { payloadHash } = objectAt(spec, "content");
  const envelope = readDigest("envelope", objectAt(spec, "content", "hash"));
  return {
    signatures: [{ signature: undefined, verifier: readPem(spec, "publicKey") }],
    // Older entries have none.
    digests:
      payloadHash === undefined
        ? [envelope]
        : [envelope, readDigest("payload", objectAt(spec, "content", "payloadHash"))],
  };
};

const HASHES: Readonly<Record<string, number>> = { sha256: 32, sha384: 48, sha512: 64 };

const readDigest = (of: LoggedDigest["of"], digest: JsonObject): LoggedDigest => {
  const [algorithm, value] = [textAt(digest, "algorithm"), textAt(digest, "value")];
  const size = Object.hasOwn(HASHES, algorithm) ? HASHES[algorithm] : undefined;
  if (value.length !== 2 * (size ?? 0) || !/^[0-9a-f]+$/.test(value)) throw badMember("a hash", "is no digest");
  return { of, hash: algorithm as HashName, value: Buffer.from(value, "hex") };
};

const LABELS = { "PUBLIC KEY": "key", CERTIFICATE: "certificate" } as const;

/** One block of PEM in base64, as Go writes it; a second one would leave open whose the signature is. */
const readPem = (value: JsonObject, name: string): LoggedVerifier => {
  const text = Buffer.from(bytesAt(value, name)).toString("latin1").trimEnd();
  for (const [label, kind] of Object.entries(LABELS)) {
    const [head, tail] = [`-----BEGIN ${label}-----\n`, `\n-----END ${label}-----`];
    if (!text.startsWith(head) || !text.endsWith(tail)) continue;
    const der = decodeBase64(text.slice(head.length, -tail.length).replaceAll("\n", ""));
    if (der !== undefined) return { kind, der, details: undefined };
  }
  throw badMember(name, "is not one key or certificate in PEM");
};
