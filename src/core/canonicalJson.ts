import { WaybillError } from "#core/errors.ts";
import { isJsonObject } from "#core/strictJson.ts";
import type { Json, JsonObject } from "#core/strictJson.ts";

/**
 * The one form over which signatures of TUF metadata are made: OLPC canonical JSON, no spaces, names sorted, only quote and
 * backslash escaped (https://wiki.laptop.org/go/Canonical_JSON). INPUT_INVALID for a number that is no whole one.
 */
export const canonicalJson = (value: Json): Buffer => Buffer.from(write(value));

const write = (value: Json): string => {
  if (typeof value === "string") return quote(value);
  if (typeof value === "number") return whole(value);
  if (value === null || typeof value === "boolean") return String(value);
  if (isJsonObject(value)) return writeObject(value);
  return `[${value.map(write).join(",")}]`;
};

const writeObject = (object: JsonObject): string => {
  const members = Object.entries(object).toSorted(([left], [right]) => byCodePoint(left, right));
  return `{${members.map(([name, value]) => `${quote(name)}:${write(value)}`).join(",")}}`;
};

// UTF-8 sorts as code points do, UTF-16 does not.
const byCodePoint = (left: string, right: string): number => Buffer.compare(Buffer.from(left), Buffer.from(right));

const quote = (text: string): string => `"${text.replaceAll(/["\\]/g, (mark) => `\\${mark}`)}"`;

const whole = (value: number): string => {
  if (!Number.isSafeInteger(value))
    throw new WaybillError("INPUT_INVALID", `canonical JSON: ${value} is not a whole number`);
  return String(value);
};
