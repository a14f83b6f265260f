import { decodeAnyBase64 } from "#claims/base64.ts";
import { WaybillError } from "#core/errors.ts";
import { isJsonObject, parseStrict } from "#core/strictJson.ts";
import type { Json, JsonObject } from "#core/strictJson.ts";

// The largest DSSE envelope that Rekor takes, and what is around it; nothing in it is deep.
const LIMITS = { maxBytes: 8 * 1024 * 1024, maxDepth: 16, maxValues: 10_000 };

/** The body of a request. INPUT_INVALID unless it is a JSON object. */
export const readRequestJson = (body: Uint8Array): JsonObject =>
  demandObject(parseStrict(body, "the request", LIMITS), "the request");

/** The object at a path of names; INPUT_INVALID that names the path. */
export const objectAt = (value: JsonObject, ...names: readonly string[]): JsonObject => {
  let at = value;
  for (const [index, name] of names.entries()) at = demandObject(at[name], names.slice(0, index + 1).join("."));
  return at;
};

export const textAt = (value: JsonObject, name: string): string => {
  const text = value[name];
  if (typeof text !== "string" || text === "") throw new WaybillError("INPUT_INVALID", `${name} is no text`);
  return text;
};

/** Of a member in base64; INPUT_INVALID where it is missing or empty. */
export const bytesAt = (value: JsonObject, name: string): Uint8Array => {
  const bytes = decodeAnyBase64(textAt(value, name));
  if (bytes === undefined) throw new WaybillError("INPUT_INVALID", `${name} is not base64`);
  return bytes;
};

/** Of a member that is a list of objects, one to 32. */
export const listAt = (value: JsonObject, name: string): readonly JsonObject[] => {
  const list = value[name];
  if (!Array.isArray(list) || list.length === 0 || list.length > MAX_LIST)
    throw new WaybillError("INPUT_INVALID", `${name} is no list of 1 to ${MAX_LIST}`);
  return (list as readonly Json[]).map((one) => demandObject(one, name));
};

const MAX_LIST = 32;

const demandObject = (value: Json | undefined, what: string): JsonObject => {
  if (isJsonObject(value)) return value;
  throw new WaybillError("INPUT_INVALID", `${what} is no object`);
};
