import { mutateBytes, mutateDer } from "./mutateDer.ts";
import type { Drawn } from "./mutateDer.ts";

type Json = string | number | boolean | null | Json[] | { [name: string]: Json };

/** One change of a JSON text, drawn at random. */
export interface Change extends Drawn {
  readonly kind: ChangeKind;
}

export const CHANGE_KINDS = [
  "drop",
  "null",
  "repeat element",
  "repeat member",
  "add member",
  "from donor",
  "swap",
  "bytes",
  "DER",
  "inner JSON",
  "line",
  "number",
  "letter",
  "spelling",
] as const;
type ChangeKind = (typeof CHANGE_KINDS)[number];

interface Place {
  readonly holder: Json[] | { [name: string]: Json };
  readonly name: string;
  readonly path: string;
  readonly value: Json;
}

/** The text with one change; `donor` is another text of its kind, of which values may be taken. The same where none is possible. */
export const mutateJson = (text: string, donor: string, change: Change): string => {
  const root = { it: JSON.parse(text) as Json };
  const places = placesIn(root.it, "").filter((place) => suits(place, change.kind));
  const place = places[change.where % Math.max(1, places.length)];
  if (place === undefined) return text;
  if (change.kind === "repeat member") return writeTwice(root, place, change);
  apply(place, places, donor, change);
  return JSON.stringify(root.it);
};

const placesIn = (value: Json, path: string): readonly Place[] => {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [
    { holder: value, name, path: `${path}/${name}`, value: inner },
    ...placesIn(inner, `${path}/${name}`),
  ]);
};

const isBase64 = (value: Json): value is string =>
  typeof value === "string" && value.length > 8 && /^[A-Za-z0-9+/]+=*$/.test(value) && !/^\d+$/.test(value);

const textOf = (value: Json): string => (typeof value === "object" ? "" : String(value));

const bytesOf = (value: Json): Buffer => Buffer.from(textOf(value), "base64");

const isNumber = (value: Json): boolean => /^\d+$/.test(textOf(value)) || /^\d{4}-\d\d-\d\dT/.test(textOf(value));

const suits = ({ holder, value }: Place, kind: ChangeKind): boolean => {
  switch (kind) {
    case "bytes":
    case "spelling":
      return isBase64(value);
    case "DER":
      return isBase64(value) && bytesOf(value)[0] === 0x30;
    case "inner JSON":
      return isBase64(value) && bytesOf(value)[0] === 0x7b;
    case "line":
      return typeof value === "string" && value.includes("\n");
    case "number":
      return isNumber(value);
    case "letter":
      return typeof value === "string";
    case "repeat element":
      return Array.isArray(holder);
    case "repeat member":
    case "add member":
      return !Array.isArray(holder);
    default:
      return true;
  }
};

const set = ({ holder, name }: Place, value: Json): void => {
  if (Array.isArray(holder)) holder[Number(name)] = value;
  else holder[name] = value;
};

const apply = (place: Place, places: readonly Place[], donor: string, change: Change): void => {
  const { holder, name, value } = place;
  switch (change.kind) {
    case "drop":
      if (Array.isArray(holder)) holder.splice(Number(name), 1);
      else delete holder[name];
      return;
    case "null":
      return set(place, [null, "", 0, [], {}, true][change.other % 6] ?? null);
    case "repeat element":
      if (Array.isArray(holder)) holder.splice(change.other % (holder.length + 1), 0, value);
      return;
    case "add member":
      return addMember(place, change);
    case "from donor":
      return takeFrom(place, donor, change);
    case "swap":
      return swap(place, places[(change.where + change.other) % places.length] ?? place);
    default:
      return set(place, rewrite(textOf(value), donor, change));
  }
};

/** A text in place of another. */
const rewrite = (value: string, donor: string, change: Change): Json => {
  switch (change.kind) {
    case "bytes":
      return mutateBytes(bytesOf(value), change).toString("base64");
    case "DER":
      return mutateDer(bytesOf(value), change)?.toString("base64") ?? value;
    case "inner JSON":
      return mutateInner(value, donor, change);
    case "line":
      return mutateLines(value, change);
    case "number":
      return mutateNumber(value, change);
    case "letter":
      return mutateBytes(Buffer.from(value), change).toString("latin1");
    default:
      return respell(value, change.other);
  }
};

const INNER = CHANGE_KINDS.filter((kind) => kind !== "inner JSON");

const mutateInner = (value: string, donor: string, change: Change): string => {
  try {
    const kind = INNER[change.other % INNER.length] ?? "drop";
    const inner = mutateJson(bytesOf(value).toString(), donor, { ...change, kind, where: change.where >> 3 });
    return Buffer.from(inner).toString("base64");
  } catch {
    return value;
  }
};

const addMember = ({ holder }: Place, { other, bytes }: Change): void => {
  if (Array.isArray(holder)) return;
  const [name = "x"] = [["x", "__proto__x", "keyid", "publicKey", "mediatype"][other % 5]];
  holder[name] ??= Buffer.from(bytes).toString("base64");
};

/** What stands in the same place there, or anywhere. */
const takeFrom = (place: Place, donor: string, { other }: Change): void => {
  const there = placesIn(JSON.parse(donor) as Json, "");
  const same = there.find(({ path }) => path === place.path);
  const taken = same ?? there[other % Math.max(1, there.length)];
  if (taken !== undefined) set(place, taken.value);
};

const swap = (one: Place, other: Place): void => {
  set(one, other.value);
  // A place within the other is gone by now, and nobody misses it.
  set(other, one.path.startsWith(other.path) || other.path.startsWith(one.path) ? null : one.value);
};

const mutateLines = (text: string, { where, other, bytes }: Change): string => {
  const lines = text.split("\n");
  const at = (where >> 2) % lines.length;
  const line = lines[at] ?? "";
  const next = lines[(at + 1) % lines.length] ?? "";
  const changed = [[], [line, line], [next, line], [`${line} `], ["", line], [Buffer.from(bytes).toString("base64")]];
  lines.splice(at, 1, ...(changed[other % 8] ?? [mutateBytes(Buffer.from(line), { where, other, bytes }).toString()]));
  return lines.join("\n");
};

const mutateNumber = (value: string, { other }: Change): Json => {
  const year = /^\d{4}/.exec(value)?.[0];
  if (year !== undefined && value.includes("T")) return value.replace(year, String(Number(year) + (other % 7) - 3));
  const number = BigInt(value);
  const choices: readonly Json[] = [
    String(number + 1n),
    String(number - 1n),
    String(-number),
    "0",
    `0${value}`,
    Number(value),
    Number(value) + 0.5,
    `${value}.0`,
    ` ${value}`,
    `0x${number.toString(16)}`,
    String(number + 2n ** 64n),
    String(number + 2n ** 32n),
    `${value}e0`,
  ];
  return choices[other % choices.length] ?? value;
};

/** The same bytes, or nearly, otherwise written. */
const respell = (value: string, other: number): string => {
  const spellings = [
    value.replaceAll("+", "-").replaceAll("/", "_"),
    value.replaceAll("=", ""),
    `${value.slice(0, 8)}\n${value.slice(8)}`,
    `${value}=`,
    ` ${value}`,
    `${value}AAAA`,
    value.replace(/.(?==*$)/, "z"),
    `${value.slice(0, 4)}!${value.slice(4)}`,
  ];
  return spellings[other % spellings.length] ?? value;
};

const TWIN = "\u0000twin";

/** A member twice, with one value or two: JSON.parse takes the later. */
const writeTwice = (root: { it: Json }, { holder, name, value }: Place, { other, bytes }: Change): string => {
  if (Array.isArray(holder)) return JSON.stringify(root.it);
  const twin: Json = other % 3 === 0 ? value : Buffer.from(bytes).toString("base64");
  const members = Object.entries(holder);
  for (const [each] of members) delete holder[each];
  for (const [each, inner] of members) {
    if (each === name && other % 2 === 0) holder[TWIN] = twin;
    holder[each] = inner;
    if (each === name && other % 2 === 1) holder[TWIN] = twin;
  }
  return JSON.stringify(root.it).replace(JSON.stringify(TWIN), JSON.stringify(name));
};
