import type { Digest } from "#core/digest.ts";
import { isDigest } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import { isJsonObject } from "#core/strictJson.ts";
import type { Json, JsonObject } from "#core/strictJson.ts";

/** OCI image-spec, image index, "platform". */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
  readonly "os.version"?: string;
  readonly "os.features"?: readonly string[];
}

/** OCI image-spec, descriptor. Sizes are bytes. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  readonly urls?: readonly string[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly platform?: Platform;
  readonly artifactType?: string;
}

// An annotation carries names and signatures, not documents; 2 MiB of one is an attack on whoever lists them.
const MAX_ANNOTATION = 1024 * 1024;

/** Reads a descriptor out of parsed JSON; throws INPUT_INVALID naming `where`. */
export const readDescriptor = (value: Json | undefined, where: string): Descriptor => {
  if (!isJsonObject(value)) throw bad(where, "is not an object");
  const { mediaType, digest, size } = value;
  if (typeof mediaType !== "string") throw bad(where, "has no mediaType");
  if (!isDigest(digest)) throw bad(where, "has no valid digest");
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0) throw bad(where, "has no valid size");
  return {
    mediaType,
    digest,
    size,
    ...optional("urls", readStrings(value["urls"], `${where}.urls`)),
    ...optional("annotations", readAnnotations(value["annotations"], where)),
    ...optional("platform", readPlatform(value["platform"], where)),
    ...optional("artifactType", typeof value["artifactType"] === "string" ? value["artifactType"] : undefined),
  };
};

/** String-to-string map; throws INPUT_INVALID for other values and for absurdly large ones. */
export const readAnnotations = (
  value: Json | undefined,
  where: string,
): Readonly<Record<string, string>> | undefined => {
  if (value === undefined || value === null) return undefined;
  if (!isJsonObject(value)) throw bad(where, "has annotations that are not an object");
  const result = Object.create(null) as Record<string, string>;
  for (const [name, text] of Object.entries(value)) {
    if (typeof text !== "string")
      throw bad(where, `has an annotation ${JSON.stringify(name.slice(0, 80))} that is not a string`);
    if (text.length > MAX_ANNOTATION) throw bad(where, `has an annotation of more than ${MAX_ANNOTATION} characters`);
    result[name] = text;
  }
  return result;
};

const readPlatform = (value: Json | undefined, where: string): Platform | undefined => {
  if (value === undefined || value === null) return undefined;
  if (!isJsonObject(value)) throw bad(where, "has a platform that is not an object");
  return {
    os: text(value, "os"),
    architecture: text(value, "architecture"),
    ...optional("variant", typeof value["variant"] === "string" ? value["variant"] : undefined),
    ...optional("os.version", typeof value["os.version"] === "string" ? value["os.version"] : undefined),
    ...optional("os.features", readStrings(value["os.features"], `${where}.platform.os.features`)),
  };
};

const text = (object: JsonObject, name: string): string => {
  const value = object[name];
  return typeof value === "string" ? value : "";
};

const readStrings = (value: Json | undefined, where: string): readonly string[] | undefined => {
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value) || !value.every((item) => typeof item === "string"))
    throw bad(where, "is not a list of strings");
  return value as string[];
};

const optional = <K extends string, V>(name: K, value: V | undefined): { readonly [P in K]?: V } =>
  value === undefined ? {} : ({ [name]: value } as { readonly [P in K]: V });

const bad = (where: string, reason: string): WaybillError => new WaybillError("INPUT_INVALID", `${where} ${reason}`);
