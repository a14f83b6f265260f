import { canonicalJson } from "#core/canonicalJson.ts";
import { hasCode } from "#core/errors.ts";
import { isJsonObject, parseStrict } from "#core/strictJson.ts";
import type { Json, JsonObject } from "#core/strictJson.ts";
import { badMetadata } from "#sigstore/tuf/badMetadata.ts";

export type TufRole = "root" | "timestamp" | "snapshot" | "targets";

export interface TufSignature {
  readonly keyId: string;
  readonly signature: Uint8Array;
}

/** Metadata of one role as it was read; nothing of it is believed before its signatures are counted. */
export interface TufDocument {
  /** How messages call it: `timestamp.json of HOST`. */
  readonly what: string;
  /** The very bytes that came. */
  readonly bytes: Uint8Array;
  readonly version: number;
  readonly expires: Date;
  readonly signed: JsonObject;
  /** What the signatures are over: `signed` in canonical form. */
  readonly payload: Uint8Array;
  readonly signatures: readonly TufSignature[];
}

/** Most bytes of each role's file; twenty times what Sigstore's have, so that an endless one ends (TUF 1.0, 5.3.3, 5.4.1). */
export const METADATA_CAPS: Readonly<Record<TufRole, number>> = {
  root: 512 * 1024,
  timestamp: 16 * 1024,
  snapshot: 1024 * 1024,
  targets: 4 * 1024 * 1024,
};

const LIMITS = { maxBytes: 4 * 1024 * 1024, maxDepth: 16, maxValues: 200_000 };
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;

/** Reads what all roles have in common (TUF 1.0, section 4.3). TRUST_INVALID, also where it is the metadata of another role. */
export const readTufDocument = (bytes: Uint8Array, role: TufRole, what: string): TufDocument => {
  const document = parse(bytes, what);
  const signed = isJsonObject(document) ? document["signed"] : undefined;
  if (!isJsonObject(document) || !isJsonObject(signed)) throw badMetadata(what, "is no metadata of TUF");
  if (signed["_type"] !== role) throw badMetadata(what, `is no metadata of the role ${role}`);
  const spec = signed["spec_version"];
  if (typeof spec !== "string" || !/^1(?:\.|$)/.test(spec))
    throw badMetadata(what, "is of a version of TUF that is not known here");
  return {
    what,
    bytes,
    version: readVersion(signed["version"], what),
    expires: readTime(signed["expires"], what),
    signed,
    payload: canonical(signed, what),
    signatures: readSignatures(document["signatures"], what),
  };
};

/** A whole number from 1. */
export const readVersion = (value: Json | undefined, what: string): number => {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 1)
    throw badMetadata(what, "names a version that is no whole number from 1");
  return value;
};

const parse = (bytes: Uint8Array, what: string): Json => {
  try {
    return parseStrict(bytes, what, LIMITS);
  } catch (error) {
    if (!hasCode(error, "INPUT_INVALID", "LIMIT_EXCEEDED")) throw error;
    throw badMetadata(what, `cannot be read (${error.message})`, error);
  }
};

const canonical = (signed: JsonObject, what: string): Uint8Array => {
  try {
    return canonicalJson(signed);
  } catch (error) {
    if (!hasCode(error, "INPUT_INVALID")) throw error;
    throw badMetadata(what, `has no canonical form (${error.message})`, error);
  }
};

const readTime = (value: Json | undefined, what: string): Date => {
  const time = typeof value === "string" && TIME.test(value) ? new Date(value) : undefined;
  if (time === undefined || Number.isNaN(time.getTime())) throw badMetadata(what, "does not say when it expires");
  return time;
};

const readSignatures = (value: Json | undefined, what: string): readonly TufSignature[] => {
  if (!Array.isArray(value)) throw badMetadata(what, "has no list of signatures");
  const signatures = (value as readonly Json[]).map((one) => readSignature(one, what));
  // As python-tuf and go-tuf: which of two was meant is not for us to guess.
  if (new Set(signatures.map(({ keyId }) => keyId)).size !== signatures.length)
    throw badMetadata(what, "has two signatures of one key");
  return signatures;
};

/** A signature that is no hex signs nothing; signing services leave it empty until its owner signs. */
const readSignature = (value: Json, what: string): TufSignature => {
  const { keyid: keyId, sig } = isJsonObject(value) ? value : {};
  if (typeof keyId !== "string" || typeof sig !== "string") throw badMetadata(what, "has a signature without its key");
  return { keyId, signature: /^(?:[0-9a-fA-F]{2})*$/.test(sig) ? Buffer.from(sig, "hex") : Buffer.alloc(0) };
};
