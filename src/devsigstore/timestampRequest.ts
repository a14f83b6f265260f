import { WaybillError } from "#core/errors.ts";
import type { HashName } from "#core/keyAlgorithm.ts";
import type { JsonObject } from "#core/strictJson.ts";
import { bytesAt, textAt } from "#devsigstore/requestJson.ts";
import { writeDer, writeDerInteger, writeDerOid } from "#claims/writeDer.ts";
import {
  TAG,
  demandTag,
  readDerBoolean,
  readDerInteger,
  readDerList,
  readDerNumber,
  readDerOid,
  readDerValue,
} from "#claims/strictDer.ts";

/** What a client wants a time for (RFC 3161 section 2.4.1). */
export interface TimestampRequest {
  /** The MessageImprint, exact DER. */
  readonly imprint: Uint8Array;
  readonly hash: HashName;
  readonly policy: string | undefined;
  /** The INTEGER, exact DER. */
  readonly nonce: Uint8Array | undefined;
  readonly wantsCertificate: boolean;
}

// FIPS 180-4's, as in RFC 5754; SHA-1 counts no longer.
const HASHES: Readonly<Record<string, { readonly name: HashName; readonly size: number } | undefined>> = {
  "2.16.840.1.101.3.4.2.1": { name: "sha256", size: 32 },
  "2.16.840.1.101.3.4.2.2": { name: "sha384", size: 48 },
  "2.16.840.1.101.3.4.2.3": { name: "sha512", size: 64 },
};

/** Reads TimeStampReq. INPUT_INVALID for anything else, other hashes and extensions among it. */
export const readTimestampRequest = (der: Uint8Array): TimestampRequest => {
  const what = "the timestamp request";
  const [version, imprint, ...rest] = readDerList(readDerValue(der, what), TAG.sequence, what);
  if (readDerNumber(version, `${what}'s version`) !== 1) throw bad("is not of version 1");
  const [algorithm, digest] = readDerList(imprint, TAG.sequence, `${what}'s imprint`);
  const [oid] = readDerList(algorithm, TAG.sequence, `${what}'s hash`);
  const hash = HASHES[readDerOid(oid, `${what}'s hash`)];
  if (hash === undefined) throw bad("is over no SHA-256, SHA-384 or SHA-512");
  const { content } = demandTag(digest, TAG.octetString, `${what}'s digest`);
  if (content.byteLength !== hash.size) throw bad(`has a digest of ${content.byteLength} bytes for ${hash.name}`);
  const optional = [...rest];
  const take = (tag: number) => (optional[0]?.tag === tag ? optional.shift() : undefined);
  const [policy, nonce, wants] = [take(TAG.oid), take(TAG.integer), take(TAG.boolean)];
  if (optional.length > 0) throw bad("has extensions, or members out of order");
  if (nonce !== undefined) readDerInteger(nonce, `${what}'s nonce`);
  return {
    imprint: imprint?.bytes ?? new Uint8Array(),
    hash: hash.name,
    policy: policy === undefined ? undefined : readDerOid(policy, `${what}'s policy`),
    nonce: nonce?.bytes,
    wantsCertificate: wants !== undefined && readDerBoolean(wants, `${what}'s certReq`),
  };
};

/**
 * Reads the JSON that Sigstore's timestamp authority takes besides: artifactHash, hashAlgorithm, and perhaps nonce,
 * certificates and tsaPolicyOID (timestamp-authority's openapi.yaml). INPUT_INVALID.
 */
export const readJsonTimestampRequest = (body: JsonObject): TimestampRequest => {
  const { nonce, certificates, tsaPolicyOID: policy } = body;
  const name = textAt(body, "hashAlgorithm").toLowerCase();
  const [oid, hash] = Object.entries(HASHES).find(([, one]) => one?.name === name) ?? [];
  const digest = bytesAt(body, "artifactHash");
  if (oid === undefined || hash === undefined) throw bad("is over no SHA-256, SHA-384 or SHA-512");
  if (digest.byteLength !== hash.size) throw bad(`has a digest of ${digest.byteLength} bytes for ${hash.name}`);
  return {
    imprint: writeDer(TAG.sequence, writeDer(TAG.sequence, writeDerOid(oid)), writeDer(TAG.octetString, digest)),
    hash: hash.name,
    policy: typeof policy === "string" && policy !== "" ? policy : undefined,
    nonce: typeof nonce === "number" && Number.isSafeInteger(nonce) ? writeDerInteger(nonce) : undefined,
    wantsCertificate: certificates === true,
  };
};

const bad = (why: string): WaybillError => new WaybillError("INPUT_INVALID", `the timestamp request ${why}`);
