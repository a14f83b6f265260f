import { createHash } from "node:crypto";
import { encodeBase64 } from "#claims/base64.ts";
import { readEnvelopeValue } from "#claims/dsse.ts";
import { WaybillError } from "#core/errors.ts";
import type { HashName, PublicKey } from "#core/keyAlgorithm.ts";
import type { JsonObject } from "#core/strictJson.ts";
import { checkMessage } from "#trust/checkMessage.ts";
import { readVerifierDer } from "#devsigstore/holderKey.ts";
import type { SignatureVerifier } from "#devsigstore/holderKey.ts";
import { bytesAt, listAt, objectAt, textAt } from "#devsigstore/requestJson.ts";
import { checkEnvelope } from "#devsigstore/signedEnvelope.ts";

/** What a request of Rekor v2 becomes in the log. */
export interface TilesEntry {
  readonly kind: string;
  readonly version: string;
  /** JSON as RFC 8785 has it. */
  readonly body: Uint8Array;
}

/** Reads CreateEntryRequest (rekor/v2/entry.proto). INPUT_INVALID for other kinds and signatures that do not verify. */
export const readTilesProposal = (request: JsonObject): TilesEntry => {
  if (request["hashedRekordRequestV002"] !== undefined) {
    const spec = { hashedRekordV002: readHashedRekord(objectAt(request, "hashedRekordRequestV002")) };
    return entryOf("hashedrekord", spec);
  }
  if (request["dsseRequestV002"] !== undefined)
    return entryOf("dsse", { dsseV002: readDsse(objectAt(request, "dsseRequestV002")) });
  throw bad("there is neither hashedRekordRequestV002 nor dsseRequestV002");
};

const VERSION = "0.0.2";

const entryOf = (kind: string, spec: unknown): TilesEntry => {
  const body = Buffer.from(JSON.stringify({ apiVersion: VERSION, kind, spec }));
  return { kind, version: VERSION, body };
};

// Names of protobuf-specs' sigstore_common.proto; what one signs with Ed25519 alone has no digest to log.
const SHA2: Readonly<Record<HashName, string>> = { sha256: "SHA2_256", sha384: "SHA2_384", sha512: "SHA2_512" };

interface KeyDetails {
  readonly kind: PublicKey["kind"];
  readonly bits?: number;
  readonly hash: HashName;
}

const KEY_DETAILS: Readonly<Record<string, KeyDetails | undefined>> = {
  PKIX_ECDSA_P256_SHA_256: { kind: "ecdsa-p256", hash: "sha256" },
  PKIX_ECDSA_P384_SHA_384: { kind: "ecdsa-p384", hash: "sha384" },
  PKIX_ECDSA_P521_SHA_512: { kind: "ecdsa-p521", hash: "sha512" },
  PKIX_RSA_PKCS1V15_2048_SHA256: { kind: "rsa", bits: 2048, hash: "sha256" },
  PKIX_RSA_PKCS1V15_3072_SHA256: { kind: "rsa", bits: 3072, hash: "sha256" },
  PKIX_RSA_PKCS1V15_4096_SHA256: { kind: "rsa", bits: 4096, hash: "sha256" },
  PKIX_ED25519_PH: { kind: "ed25519", hash: "sha512" },
  PKIX_ED25519: { kind: "ed25519", hash: "sha512" },
};

interface NamedVerifier extends SignatureVerifier {
  readonly details: string;
  readonly hash: HashName;
}

const readVerifier = (value: JsonObject): NamedVerifier => {
  const isCertificate = value["x509Certificate"] !== undefined;
  const member = objectAt(value, isCertificate ? "x509Certificate" : "publicKey");
  const verifier = readVerifierDer(bytesAt(member, "rawBytes"), isCertificate ? "certificate" : "publicKey");
  const details = textAt(value, "keyDetails");
  const known = KEY_DETAILS[details];
  const { kind, bits } = verifier.key;
  if (known?.kind !== kind || known.bits !== bits) throw bad(`keyDetails ${details} is not what the key is`);
  return { ...verifier, details, hash: known.hash };
};

const writeVerifier = ({ details, kind, der }: NamedVerifier) => {
  const rawBytes = encodeBase64(der);
  return kind === "certificate"
    ? { keyDetails: details, x509Certificate: { rawBytes } }
    : { keyDetails: details, publicKey: { rawBytes } };
};

const readHashedRekord = (request: JsonObject) => {
  const digest = bytesAt(request, "digest");
  const signature = bytesAt(objectAt(request, "signature"), "content");
  const verifier = readVerifier(objectAt(request, "signature", "verifier"));
  const message = { size: 0, digests: new Map([[verifier.hash, digest]]), bytes: undefined };
  if (checkMessage(verifier.key, message, signature) === undefined)
    throw bad("the signature is not the key's over this digest");
  return {
    data: { algorithm: SHA2[verifier.hash], digest: encodeBase64(digest) },
    signature: { content: encodeBase64(signature), verifier: writeVerifier(verifier) },
  };
};

const readDsse = (request: JsonObject) => {
  const envelope = readEnvelopeValue(request["envelope"]);
  const verifiers = listAt(request, "verifiers").map(readVerifier);
  const signatures = checkEnvelope(envelope, verifiers).map(({ sig, verifier }) => {
    const named = verifiers.find(({ pem }) => pem === verifier.pem);
    return { content: encodeBase64(sig), ...(named && { verifier: writeVerifier(named) }) };
  });
  const digest = createHash("sha256").update(envelope.payload).digest("base64");
  return { payloadHash: { algorithm: SHA2.sha256, digest }, signatures };
};

const bad = (why: string): WaybillError => new WaybillError("INPUT_INVALID", why);
