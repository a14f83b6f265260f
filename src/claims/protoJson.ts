import { WaybillError } from "#core/errors.ts";
import { bareObject, isJsonObject } from "#core/strictJson.ts";
import type { Json, JsonObject } from "#core/strictJson.ts";

/** What a protobuf message may hold, by the camelCase names of its fields. */
export type ProtoShape =
  | { readonly kind: "scalar" }
  | { readonly kind: "list"; readonly of: ProtoShape; readonly max: number }
  | { readonly kind: "message"; readonly fields: ReadonlyMap<string, ProtoField> };

interface ProtoField {
  /** In camelCase. */
  readonly name: string;
  readonly shape: ProtoShape;
}

export const scalar: ProtoShape = { kind: "scalar" };
export const list = (of: ProtoShape, max: number): ProtoShape => ({ kind: "list", of, max });
/** Its fields are found under both spellings. */
export const message = (fields: Readonly<Record<string, ProtoShape>>): ProtoShape => {
  const named = Object.entries(fields).map(([name, shape]) => ({ name, shape }));
  const spelled = named.flatMap((field) => [[field.name, field] as const, [snakeCase(field.name), field] as const]);
  return { kind: "message", fields: new Map(spelled) };
};

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

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

const readMessage = (value: JsonObject, fields: ReadonlyMap<string, ProtoField>, where: string): JsonObject => {
  const result = bareObject() as Record<string, Json>;
  const seen = new Set<string>();
  for (const [spelling, member] of Object.entries(value)) {
    const field = fields.get(spelling);
    if (field === undefined) throw bad(`${where} has the unknown field ${JSON.stringify(spelling.slice(0, 80))}`);
    const { name, shape } = field;
    if (seen.has(name)) throw bad(`${where} has ${name} in both spellings`);
    seen.add(name);
    if (member !== null) result[name] = readProtoJson(member, shape, `${where}.${name}`);
  }
  return result;
};

const bad = (text: string): WaybillError => new WaybillError("INPUT_INVALID", text);
