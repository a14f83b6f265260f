import { createHash } from "node:crypto";
import { encodeBase64 } from "#claims/base64.ts";
import type { Candidate, DsseClaim, Found } from "#claims/claim.ts";
import { readEnvelopeValue } from "#claims/dsse.ts";
import { writeProtoJson } from "#claims/goJson.ts";
import { list, message, readProtoJson, scalar } from "#claims/protoJson.ts";
import { WaybillError, hasCode } from "#core/errors.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { isJsonObject, parseStrict } from "#core/strictJson.ts";
import type { Json, JsonObject } from "#core/strictJson.ts";

export interface BundleInput {
  readonly payloadType: string;
  readonly payload: Uint8Array;
  /** Raw signature over the payload's pre-authentication encoding. */
  readonly signature: Uint8Array;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKeySpki: Uint8Array;
}

/** A keyed Sigstore bundle v0.3: exactly the members that cosign writes, in its order (cosign.md 2.3). */
export const writeBundle = ({ payloadType, payload, signature, publicKeySpki }: BundleInput): Uint8Array =>
  writeProtoJson({
    mediaType: MEDIA_TYPE.bundle,
    verificationMaterial: { publicKey: { hint: publicKeyHint(publicKeySpki) } },
    dsseEnvelope: { payload: encodeBase64(payload), payloadType, signatures: [{ sig: encodeBase64(signature) }] },
  });

/** How bundles name a key: base64 of the SHA-256 of its SPKI. Unsigned, so never evidence. */
export const publicKeyHint = (spki: Uint8Array): string => createHash("sha256").update(spki).digest("base64");

const MEDIA_TYPES: ReadonlyMap<string, string> = new Map(
  ["0.1", "0.2", "0.3"].flatMap((version) => [
    [`application/vnd.dev.sigstore.bundle.v${version}+json`, version],
    [`application/vnd.dev.sigstore.bundle+json;version=${version}`, version],
  ]),
);

/** True for the media types of bundles v0.1 to v0.3, in either spelling. */
export const isBundleType = (mediaType: string): boolean => MEDIA_TYPES.has(mediaType);

// sigstore-go's limits (cosign.md 2.3); ten certificates and nobody's chain is longer (attack 30).
const MAX_PROOFS = 32;
const MAX_CERTIFICATES = 10;
// A log of 2^64 entries has proofs of 64 hashes.
const MAX_HASHES = 64;
const certificate = message({ rawBytes: scalar });
const tlogEntry = message({
  logIndex: scalar,
  logId: message({ keyId: scalar }),
  kindVersion: message({ kind: scalar, version: scalar }),
  integratedTime: scalar,
  inclusionPromise: message({ signedEntryTimestamp: scalar }),
  inclusionProof: message({
    logIndex: scalar,
    rootHash: scalar,
    treeSize: scalar,
    hashes: list(scalar, MAX_HASHES),
    checkpoint: message({ envelope: scalar }),
  }),
  canonicalizedBody: scalar,
});

/** sigstore_bundle.proto. A second signature is let in here to be refused with its own reason. */
const BUNDLE = message({
  mediaType: scalar,
  verificationMaterial: message({
    publicKey: message({ hint: scalar }),
    certificate,
    x509CertificateChain: message({ certificates: list(certificate, MAX_CERTIFICATES) }),
    tlogEntries: list(tlogEntry, MAX_PROOFS),
    timestampVerificationData: message({
      rfc3161Timestamps: list(message({ signedTimestamp: scalar }), MAX_PROOFS),
    }),
  }),
  messageSignature: message({ messageDigest: message({ algorithm: scalar, digest: scalar }), signature: scalar }),
  dsseEnvelope: message({
    payload: scalar,
    payloadType: scalar,
    signatures: list(message({ sig: scalar, keyid: scalar }), MAX_PROOFS),
  }),
});

// Base64 of the largest paper and some proofs around it; 32 log entries have about 3000 values.
const LIMITS = { maxBytes: 176 * 1024 * 1024, maxDepth: 16, maxValues: 10_000 };
const WHERE = "bundle";

/**
 * The claim in a bundle v0.1 to v0.3 with one DSSE signature (cosign.md 2.3). A bundle that cannot be read, or that signs a
 * message instead of a statement, is a value with the reason.
 */
export const readBundle = (bytes: Uint8Array, found: Found): Candidate => {
  try {
    const bundle = readProtoJson(parseStrict(bytes, WHERE, LIMITS), BUNDLE, WHERE);
    return readParts(bundle as JsonObject, found, bytes);
  } catch (error) {
    if (!hasCode(error, "INPUT_INVALID", "LIMIT_EXCEEDED")) throw error;
    return { kind: "unreadable", found, reason: error.message };
  }
};

const readParts = (bundle: JsonObject, found: Found, bytes: Uint8Array): DsseClaim => {
  const { mediaType, messageSignature, dsseEnvelope } = bundle;
  const version = typeof mediaType === "string" ? MEDIA_TYPES.get(mediaType) : undefined;
  if (version === undefined) throw bad(`has the media type ${JSON.stringify(mediaType ?? null).slice(0, 120)}`);
  if (messageSignature !== undefined) throw bad("signs a message (as sign-blob does), not a statement about an image");
  if (dsseEnvelope === undefined) throw bad("holds no DSSE envelope");
  const envelope = readEnvelopeValue(dsseEnvelope);
  if (envelope.signatures.length !== 1) throw bad(`has ${envelope.signatures.length} signatures; it must have one`);
  return { kind: "dsse", found, envelope, ...readMaterial(bundle["verificationMaterial"], version), bytes };
};

type Material = Pick<DsseClaim, "material" | "keyHint">;

const readMaterial = (value: Json | undefined, version: string): Material => {
  if (!isJsonObject(value)) throw bad("holds no verificationMaterial");
  const kinds = (["publicKey", "certificate", "x509CertificateChain"] as const).filter(
    (one) => value[one] !== undefined,
  );
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1) throw bad(`names ${kinds.length} keys or certificates; it must name one`);
  // sigstore_bundle.proto: from v0.3 on the leaf alone.
  if (kind === "x509CertificateChain" && version === "0.3") throw bad("holds a certificate chain, which v0.3 forbids");
  if (kind !== "publicKey") return { material: "certificate" };
  const key = value[kind];
  const hint = isJsonObject(key) ? key["hint"] : undefined;
  return typeof hint === "string" ? { material: "public-key", keyHint: hint } : { material: "public-key" };
};

const bad = (reason: string): WaybillError => new WaybillError("INPUT_INVALID", `${WHERE} ${reason}`);
