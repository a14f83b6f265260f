import { WaybillError } from "#core/errors.ts";
import { isJsonObject } from "#core/strictJson.ts";
import type { Json, JsonObject } from "#core/strictJson.ts";

/** What a protobuf message may hold, by the camelCase names of its fields. */
export type ProtoShape =
  | { readonly kind: "scalar" }
  | { readonly kind: "list"; readonly of: ProtoShape; readonly max: number }
  | { readonly kind: "message"; readonly fields: Readonly<Record<string, ProtoShape>> };

export const scalar: ProtoShape = { kind: "scalar" };
export const list = (of: ProtoShape, max: number): ProtoShape => ({ kind: "list", of, max });
export const message = (fields: Readonly<Record<string, ProtoShape>>): ProtoShape => ({ kind: "message", fields });

/**
 * A parsed protojson message with its fields under their camelCase names, null ones left out. As Go's protojson it takes
 * snake_case names too, refuses unknown fields and refuses a field given twice (cosign.md 11.9). Throws INPUT_INVALID, or
 * LIMIT_EXCEEDED for a list longer than its shape says.
 */
export const readProtoJson = (value: Json, shape: ProtoShape, where: string): Json => {
  if (shape.kind === "scalar") {
    if (typeof value === "object") throw bad(`${where} is no plain value`);
    return value;
  }
  if (shape.kind === "list") return readList(value, shape, where);
  if (!isJsonObject(value)) throw bad(`${where} is no object`);
  return readMessage(value, shape.fields, where);
};

const readList = (value: Json, shape: ProtoShape & { readonly kind: "list" }, where: string): Json => {
  if (!Array.isArray(value)) throw bad(`${where} is no list`);
  if (value.length > shape.max) {
    throw new WaybillError("LIMIT_EXCEEDED", `${where} has ${value.length} entries, the limit is ${shape.max}`);
  }
  return (value as readonly Json[]).map((one, index) => readProtoJson(one, shape.of, `${where}[${index}]`));
};

const readMessage = (value: JsonObject, fields: Readonly<Record<string, ProtoShape>>, where: string): JsonObject => {
  const result = Object.create(null) as Record<string, Json>;
  const seen = new Set<string>();
  for (const [name, member] of Object.entries(value)) {
    const field = Object.keys(fields).find((one) => name === one || name === snakeCase(one));
    const shape = field === undefined ? undefined : fields[field];
    if (field === undefined || shape === undefined) {
      throw bad(`${where} has the unknown field ${JSON.stringify(name.slice(0, 80))}`);
    }
    if (seen.has(field)) throw bad(`${where} has ${field} in both spellings`);
    seen.add(field);
    if (member !== null) result[field] = readProtoJson(member, shape, `${where}.${field}`);
  }
  return result;
};

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const bad = (text: string): WaybillError => new WaybillError("INPUT_INVALID", text);
