import { WaybillError } from "#core/errors.ts";

/** Members of a JSON object that a stranger wrote; nothing is known of their types. */
export type JsonFields = Readonly<Record<string, unknown>>;

const MAX_DEPTH = 100;

/**
 * Reads a tool's JSON object as the tool itself does: a byte order mark is skipped, of duplicate names the last counts. `what`
 * names the file in errors: INPUT_INVALID for what is no JSON object, LIMIT_EXCEEDED for one nested deeper than 100 levels.
 */
export const readJsonObject = (bytes: Uint8Array, what: string): JsonFields => {
  const value = readJsonValue(bytes, what);
  if (!isJsonFields(value)) throw new WaybillError("INPUT_INVALID", `${what} is not a JSON object`);
  return value;
};

/** The same for a file whose top may be a list. */
export const readJsonValue = (bytes: Uint8Array, what: string): unknown => {
  checkDepth(bytes, what);
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new WaybillError("INPUT_INVALID", `${what} is not valid JSON`, { cause });
  }
};

export const isJsonFields = (value: unknown): value is JsonFields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

// V8 parses any depth, at many times the size in memory; brackets inside strings are not worth the care.
const checkDepth = (bytes: Uint8Array, what: string): void => {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === 0x22) inString = !inString;
    else if (inString) at += byte === 0x5c ? 1 : 0;
    else if (byte === 0x5b || byte === 0x7b) depth++;
    else if (byte === 0x5d || byte === 0x7d) depth--;
    if (depth > MAX_DEPTH) throw new WaybillError("LIMIT_EXCEEDED", `${what} nested deeper than ${MAX_DEPTH} levels`);
  }
};
