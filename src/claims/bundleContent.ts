import { decodeAnyBase64 } from "#claims/base64.ts";
import type { DsseClaim, Envelope } from "#claims/claim.ts";
import { readEnvelopeValue } from "#claims/dsse.ts";
import { list, message, readProtoJson, scalar } from "#claims/protoJson.ts";
import { WaybillError } from "#core/errors.ts";
import type { HashName } from "#core/keyAlgorithm.ts";
import type { MessageDigest } from "#core/message.ts";
import { isJsonObject, parseStrict } from "#core/strictJson.ts";
import type { Json, JsonObject } from "#core/strictJson.ts";

/** What a bundle says of the key or certificate that it is by. Never evidence. */
export type BundleMaterial = Pick<DsseClaim, "material" | "keyHint">;

/** What a bundle holds: a signed statement, or a signature over bytes that are elsewhere. */
export type BundleContent = BundleMaterial &
  (
    | { readonly kind: "dsse"; readonly envelope: Envelope }
    | {
        readonly kind: "message";
        readonly signature: Uint8Array;
        /** Unsigned; undefined where there is none. */
        readonly digest: MessageDigest | undefined;
      }
  );

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
 * Reads a bundle v0.1 to v0.3 with one DSSE signature or one message signature (cosign.md 2.3). Throws INPUT_INVALID or
 * LIMIT_EXCEEDED.
 */
export const readBundleContent = (bytes: Uint8Array): BundleContent => {
  const bundle = readProtoJson(parseStrict(bytes, WHERE, LIMITS), BUNDLE, WHERE) as JsonObject;
  const { mediaType, messageSignature, dsseEnvelope } = bundle;
  const version = typeof mediaType === "string" ? MEDIA_TYPES.get(mediaType) : undefined;
  if (version === undefined) throw bad(`has the media type ${JSON.stringify(mediaType ?? null).slice(0, 120)}`);
  if (messageSignature !== undefined && dsseEnvelope !== undefined)
    throw bad("signs a message and a statement at once");
  const material = (): BundleMaterial => readMaterial(bundle["verificationMaterial"], version);
  if (isJsonObject(messageSignature)) return { ...readMessageSignature(messageSignature), ...material() };
  if (dsseEnvelope === undefined) throw bad("holds neither a DSSE envelope nor a message signature");
  const envelope = readEnvelopeValue(dsseEnvelope);
  if (envelope.signatures.length !== 1) throw bad(`has ${envelope.signatures.length} signatures; it must have one`);
  return { kind: "dsse", envelope, ...material() };
};

const readMessageSignature = ({ signature, messageDigest }: JsonObject) => {
  const bytes = typeof signature === "string" ? decodeAnyBase64(signature) : undefined;
  if (bytes === undefined || bytes.byteLength === 0) throw bad("has a message signature that is not base64, or empty");
  return { kind: "message", signature: bytes, digest: readMessageDigest(messageDigest) } as const;
};

// sigstore_common.proto, HashAlgorithm: those that keys of ours sign over.
const HASHES: Readonly<Record<string, { readonly hash: HashName; readonly size: number }>> = {
  SHA2_256: { hash: "sha256", size: 32 },
  SHA2_384: { hash: "sha384", size: 48 },
  SHA2_512: { hash: "sha512", size: 64 },
};

/** How a bundle calls a hash. */
export const hashAlgorithmName = (hash: HashName): string => `SHA2_${hash.slice(3)}`;

/** cosign 3.1.2 leaves it empty under Ed25519 keys (cosign.md 11, 6). */
const readMessageDigest = (value: Json | undefined): MessageDigest | undefined => {
  if (!isJsonObject(value) || Object.keys(value).length === 0) return undefined;
  const { algorithm, digest } = value;
  const known = typeof algorithm === "string" && Object.hasOwn(HASHES, algorithm) ? HASHES[algorithm] : undefined;
  if (known === undefined) throw bad(`has a messageDigest by ${JSON.stringify(algorithm ?? null).slice(0, 80)}`);
  const bytes = typeof digest === "string" ? decodeAnyBase64(digest) : undefined;
  if (bytes?.byteLength !== known.size) throw bad(`has a messageDigest that is no ${algorithm as string}`);
  return { hash: known.hash, value: bytes };
};

const readMaterial = (value: Json | undefined, version: string): BundleMaterial => {
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
