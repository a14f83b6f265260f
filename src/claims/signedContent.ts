import { decodeAnyBase64 } from "#claims/base64.ts";
import type { Envelope } from "#claims/claim.ts";
import { readEnvelopeValue } from "#claims/dsse.ts";
import { WaybillError } from "#core/errors.ts";
import type { HashName } from "#core/keyAlgorithm.ts";
import type { MessageDigest } from "#core/message.ts";
import { isJsonObject } from "#core/strictJson.ts";
import type { Json, JsonObject } from "#core/strictJson.ts";

/** What a bundle holds: a signed statement, or a signature over bytes that are elsewhere. */
export type SignedContent =
  | { readonly kind: "dsse"; readonly envelope: Envelope }
  | {
      readonly kind: "message";
      readonly signature: Uint8Array;
      /** Unsigned; undefined where there is none. */
      readonly digest: MessageDigest | undefined;
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

const bad = (reason: string): WaybillError => new WaybillError("INPUT_INVALID", `bundle ${reason}`);
