import { decodeAnyBase64 } from "#claims/base64.ts";
import { readBundleDocument } from "#claims/bundleDocument.ts";
import type { BundleVersion } from "#claims/bundleDocument.ts";
import type { DsseClaim, Envelope } from "#claims/claim.ts";
import { readEnvelopeValue } from "#claims/dsse.ts";
import { WaybillError } from "#core/errors.ts";
import type { HashName } from "#core/keyAlgorithm.ts";
import type { MessageDigest } from "#core/message.ts";
import { isJsonObject } from "#core/strictJson.ts";
import type { Json, JsonObject } from "#core/strictJson.ts";

/** What a bundle says of the key or certificate that it is by. Never evidence. */
export type BundleMaterial = Pick<DsseClaim, "material" | "keyHint">;

/** What a bundle holds: a signed statement, or a signature over bytes that are elsewhere. */
export type SignedContent =
  | { readonly kind: "dsse"; readonly envelope: Envelope }
  | {
      readonly kind: "message";
      readonly signature: Uint8Array;
      /** Unsigned; undefined where there is none. */
      readonly digest: MessageDigest | undefined;
    };
export type BundleContent = BundleMaterial & SignedContent;

const WHERE = "bundle";

/**
 * Reads a bundle v0.1 to v0.3 with one DSSE signature or one message signature (cosign.md 2.3). Throws INPUT_INVALID or
 * LIMIT_EXCEEDED.
 */
export const readBundleContent = (bytes: Uint8Array): BundleContent => {
  const { version, members } = readBundleDocument(bytes);
  const content = readSignedContent(members);
  const signatures = content.kind === "dsse" ? content.envelope.signatures.length : 1;
  if (signatures !== 1) throw bad(`has ${signatures} signatures; it must have one`);
  return { ...content, ...readMaterial(members["verificationMaterial"], version) };
};

/** What the members of a bundle say is signed, however many signatures there are. INPUT_INVALID, LIMIT_EXCEEDED. */
export const readSignedContent = ({ messageSignature, dsseEnvelope }: JsonObject): SignedContent => {
  if (messageSignature !== undefined && dsseEnvelope !== undefined)
    throw bad("signs a message and a statement at once");
  if (isJsonObject(messageSignature)) return readMessageSignature(messageSignature);
  if (dsseEnvelope === undefined) throw bad("holds neither a DSSE envelope nor a message signature");
  return { kind: "dsse", envelope: readEnvelopeValue(dsseEnvelope) };
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

const readMaterial = (value: Json | undefined, version: BundleVersion): BundleMaterial => {
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
