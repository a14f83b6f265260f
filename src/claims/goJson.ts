import { WaybillError } from "#core/errors.ts";

/** What Go's encoders can be made to write: structs as objects in member order, Go maps as a `Map` (see `sortedMap`). */
export type GoJson =
  | null
  | boolean
  | number
  | string
  | readonly GoJson[]
  | ReadonlyMap<string, GoJson>
  | { readonly [name: string]: GoJson | undefined };

// Go encoding/json, HTMLEscape: what could end a script element or a line of JavaScript is written as \uXXXX.
const HTML = /[<>&\u2028\u2029]/g;

/**
 * Compact JSON with the bytes of Go's `encoding/json`: members in the given order, undefined ones left out, `<`, `>`, `&`,
 * U+2028 and U+2029 escaped (cosign.md 1.3). Throws INPUT_INVALID for text that UTF-8 cannot hold.
 */
export const writeGoJson = (value: GoJson): Uint8Array =>
  Buffer.from(write(value).replace(HTML, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`));

/** The same without the HTML escapes: Go's `protojson` (its arbitrary blanks left out), which writes cosign's statements. */
export const writeProtoJson = (value: GoJson): Uint8Array => Buffer.from(write(value));

/** A Go map: keys in the order of their UTF-8 bytes, which a plain object cannot keep for keys that look like numbers. */
export const sortedMap = <V extends GoJson>(record: Readonly<Record<string, V>>): ReadonlyMap<string, V> =>
  new Map(Object.entries(record).toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b))));

const write = (value: GoJson): string => {
  if (typeof value === "string") return quote(value);
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${(value as readonly GoJson[]).map(write).join(",")}]`;
  const members: [string, GoJson | undefined][] = value instanceof Map ? [...value] : Object.entries(value);
  return `{${members.flatMap(([name, one]) => (one === undefined ? [] : [`${quote(name)}:${write(one)}`])).join(",")}}`;
};

const quote = (text: string): string => {
  if (!text.isWellFormed()) {
    const shown = JSON.stringify(text.slice(0, 80));
    throw new WaybillError(
      "INPUT_INVALID",
      `the text ${shown} holds half of a surrogate pair, which UTF-8 cannot hold`,
    );
  }
  return JSON.stringify(text);
};
