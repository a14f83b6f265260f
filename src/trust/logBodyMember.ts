import { decodeBase64 } from "#claims/base64.ts";
import { WaybillError } from "#core/errors.ts";
import { isJsonObject } from "#core/strictJson.ts";
import type { Json, JsonObject } from "#core/strictJson.ts";

/** The object at the end of a path of names. INPUT_INVALID where there is none, as in everything here. */
export const objectAt = (value: JsonObject, ...path: readonly string[]): JsonObject => {
  let at: Json | undefined = value;
  for (const name of path) at = isJsonObject(at) ? at[name] : undefined;
  if (!isJsonObject(at)) throw badMember(path.join("."), "is no object");
  return at;
};

// As many as an envelope may have.
const MAX_SIGNATURES = 32;

/** A list of objects, one at least. */
export const listAt = (value: JsonObject, name: string): readonly JsonObject[] => {
  const list = value[name];
  const isList = Array.isArray(list) && list.length > 0 && list.length <= MAX_SIGNATURES;
  if (!isList || !(list as readonly Json[]).every(isJsonObject)) throw badMember(name, "is no list of 1 to 32 objects");
  return list as readonly JsonObject[];
};

export const textAt = (value: JsonObject, name: string): string => {
  const text = value[name];
  if (typeof text !== "string") throw badMember(name, "is no text");
  return text;
};

/** Bytes in base64, one at least. */
export const bytesAt = (value: JsonObject, name: string): Uint8Array => {
  const bytes = decodeBase64(textAt(value, name));
  if (bytes === undefined || bytes.byteLength === 0) throw badMember(name, "is not base64, or empty");
  return bytes;
};

export const badMember = (name: string, reason: string): WaybillError =>
  new WaybillError("INPUT_INVALID", `${name} ${reason}`);
