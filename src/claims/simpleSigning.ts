import { demandExactNames } from "#claims/exactNames.ts";
import { sortedMap, writeGoJson } from "#claims/goJson.ts";
import { isDigest } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import { isJsonObject, parseStrict } from "#core/strictJson.ts";
import type { Json, JsonObject } from "#core/strictJson.ts";

/** The `critical.type` of an image signature. cosign never compares it; a document of another type is none (attack 12). */
export const SIMPLE_SIGNING_TYPE = "cosign container image signature";

export interface SimpleSigning {
  readonly digest: Digest;
  readonly dockerReference: string;
  readonly type: string;
  /** Whatever stands in `optional`; empty for null. */
  readonly optional: JsonObject;
  readonly document: Json;
}

export interface SimpleSigningInput {
  /** Registry and repository without tag or digest, as `signedName` spells it. */
  readonly dockerReference: string;
  readonly digest: Digest;
  readonly annotations: Readonly<Record<string, string>>;
}

/** The payload that cosign signs and stores as the layer of a `.sig` image, to the byte (cosign.md 1.6). */
export const writeSimpleSigning = ({ dockerReference, digest, annotations }: SimpleSigningInput): Uint8Array =>
  writeGoJson({
    critical: {
      identity: { "docker-reference": dockerReference },
      image: { "docker-manifest-digest": digest },
      type: SIMPLE_SIGNING_TYPE,
    },
    optional: Object.keys(annotations).length === 0 ? null : sortedMap(annotations),
  });

// An honest payload has some hundred bytes; annotations may add to that.
const LIMITS = { maxBytes: 4 * 1024 * 1024, maxDepth: 32, maxValues: 100_000 };
const WHERE = "simple-signing payload";

/** Reads a payload strictly; unknown members are ignored as everyone does. Throws INPUT_INVALID or LIMIT_EXCEEDED. */
export const readSimpleSigning = (bytes: Uint8Array): SimpleSigning => {
  const document = parseStrict(bytes, WHERE, LIMITS);
  const top = members(document, ["critical", "optional"], WHERE);
  const critical = members(top["critical"], ["identity", "image", "type"], `${WHERE}: critical`);
  const identity = members(critical["identity"], ["docker-reference"], `${WHERE}: critical.identity`);
  const image = members(critical["image"], ["docker-manifest-digest"], `${WHERE}: critical.image`);
  const digest = image["docker-manifest-digest"];
  if (!isDigest(digest)) throw bad(`${WHERE}: critical.image.docker-manifest-digest is no digest`);
  const dockerReference = identity["docker-reference"];
  if (typeof dockerReference !== "string") throw bad(`${WHERE}: critical.identity.docker-reference is no text`);
  const type = critical["type"];
  if (typeof type !== "string") throw bad(`${WHERE}: critical.type is no text`);
  return { digest, dockerReference, type, optional: readOptional(top["optional"]), document };
};

const readOptional = (value: Json | undefined): JsonObject => {
  if (value === undefined || value === null) return {};
  if (!isJsonObject(value)) throw bad(`${WHERE}: optional is no object`);
  return value;
};

const members = (value: Json | undefined, names: readonly string[], where: string): JsonObject => {
  if (!isJsonObject(value)) throw bad(`${where} is no object`);
  demandExactNames(value, names, where);
  return value;
};

const bad = (message: string): WaybillError => new WaybillError("INPUT_INVALID", message);
