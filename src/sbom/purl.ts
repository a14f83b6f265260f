import { WaybillError } from "#core/errors.ts";
import { compareText } from "#sbom/compareText.ts";
import { applyTypeRules } from "#sbom/purlTypes.ts";

/** The parts of a package URL, decoded. */
export interface Purl {
  readonly type: string;
  /** Segments joined by `/`; npm scopes keep their `@`. */
  readonly namespace?: string | undefined;
  readonly name: string;
  readonly version?: string | undefined;
  /** Empty and undefined values are left out. */
  readonly qualifiers?: Readonly<Record<string, string | undefined>> | undefined;
  readonly subpath?: string | undefined;
}

const TYPE = /^[a-z][a-z0-9.-]*$/;
const KEY = /^[a-z][a-z0-9._-]*$/;
// The namespace is a host, the name the whole path of a repository there.
const HAS_PATH: ReadonlySet<string> = new Set(["git"]);
// A purl is a name, not a document; longer ones come from hostile metadata only.
const MAX_LENGTH = 8192;

/**
 * The canonical text of a package URL (ECMA-427, "How to build a purl string"): `:` stays as it is everywhere, qualifiers
 * are sorted by key, empty parts are left out. Throws INPUT_INVALID for an unusable type, name or qualifier key.
 */
export const writePurl = (purl: Purl): string => {
  const type = purl.type.toLowerCase();
  if (!TYPE.test(type)) throw bad("type", purl.type);
  const parts = applyTypeRules({
    type,
    namespace: stripSlashes(purl.namespace ?? ""),
    name: stripSlashes(purl.name),
    version: purl.version ?? "",
    qualifiers: purl.qualifiers ?? {},
  });
  if (parts.name === "") throw bad("name", purl.name);
  const name = HAS_PATH.has(type) ? encodePath(parts.name, () => true) : encode(parts.name);
  const namespace = encodePath(parts.namespace, () => true);
  const version = encode(parts.version);
  const qualifiers = writeQualifiers(parts.qualifiers);
  const subpath = encodePath(purl.subpath ?? "", isRealSegment);
  return [
    `pkg:${type}/`,
    namespace === "" ? "" : `${namespace}/`,
    name,
    version === "" ? "" : `@${version}`,
    qualifiers === "" ? "" : `?${qualifiers}`,
    subpath === "" ? "" : `#${subpath}`,
  ].join("");
};

/** Reads a package URL, canonical or not (ECMA-427, "How to parse a purl string"). Throws INPUT_INVALID. */
export const parsePurl = (text: string): Purl => {
  if (text.length > MAX_LENGTH) throw bad("length", text.slice(0, 80));
  const [beforeSubpath, subpath] = splitRight(text, "#");
  const [beforeQualifiers, qualifiers] = splitRight(beforeSubpath, "?");
  if (!/^pkg:/i.test(beforeQualifiers)) throw bad("scheme", text);
  const path = beforeQualifiers.slice(4).replace(/^\/+/, "");
  const slash = path.indexOf("/");
  const type = path.slice(0, Math.max(slash, 0)).toLowerCase();
  if (!TYPE.test(type)) throw bad("type", text);
  const [rest, version] = splitVersion(stripSlashes(path.slice(slash + 1)));
  // `ns/@1` has a version and no name.
  if (rest.endsWith("/")) throw bad("name", text);
  const segments = rest.split("/").filter((segment) => segment !== "");
  const ofName = segments.splice(HAS_PATH.has(type) ? 1 : -1);
  const decoded = readQualifiers(qualifiers, text);
  const parts = applyTypeRules({
    type,
    namespace: segments.map((segment) => decode(segment, text)).join("/"),
    name: ofName.map((segment) => decode(segment, text)).join("/"),
    version: decode(version, text),
    qualifiers: decoded ?? {},
  });
  if (parts.name === "") throw bad("name", text);
  return {
    type,
    namespace: parts.namespace === "" ? undefined : parts.namespace,
    name: parts.name,
    version: parts.version === "" ? undefined : parts.version,
    qualifiers: decoded,
    subpath: decodeSubpath(subpath, text),
  };
};

const writeQualifiers = (qualifiers: Readonly<Record<string, string | undefined>>): string => {
  const pairs: (readonly [string, string])[] = [];
  for (const [name, value] of Object.entries(qualifiers)) {
    const key = name.toLowerCase();
    if (!KEY.test(key)) throw bad("qualifier key", name);
    if (value !== undefined && value !== "") pairs.push([key, encode(value)]);
  }
  return pairs
    .sort(([a], [b]) => compareText(a, b))
    .map(([key, value]) => `${key}=${value}`)
    .join("&");
};

const readQualifiers = (text: string, whole: string): Readonly<Record<string, string>> | undefined => {
  if (text === "") return undefined;
  const result = Object.create(null) as Record<string, string>;
  for (const pair of text.split("&")) {
    const equals = pair.indexOf("=");
    const key = pair.slice(0, Math.max(equals, 0)).toLowerCase();
    if (!KEY.test(key)) throw bad("qualifier key", whole);
    if (Object.hasOwn(result, key)) throw bad("repeated qualifier", whole);
    const value = decode(pair.slice(equals + 1), whole);
    if (value !== "") result[key] = value;
  }
  return Object.keys(result).length === 0 ? undefined : result;
};

const decodeSubpath = (text: string, whole: string): string | undefined => {
  const segments = text.split("/").map((segment) => decode(segment, whole));
  const real = segments.filter(isRealSegment);
  return real.length === 0 ? undefined : real.join("/");
};

const encodePath = (path: string, keep: (segment: string) => boolean): string =>
  path
    .split("/")
    .filter((segment) => segment !== "" && keep(segment))
    .map(encode)
    .join("/");

const isRealSegment = (segment: string): boolean => segment !== "" && segment !== "." && segment !== "..";

// ECMA-427 leaves letters, digits, `-._~` and the colon alone; encodeURIComponent spares some more and not the colon.
const encode = (text: string): string =>
  encodeURIComponent(text.toWellFormed())
    .replaceAll("%3A", ":")
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

const decode = (text: string, whole: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    throw bad("percent-encoding", whole);
  }
};

const stripSlashes = (text: string): string => text.replace(/^\/+/, "").replace(/\/+$/, "");

const splitRight = (text: string, separator: string): readonly [string, string] => {
  const at = text.lastIndexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
};

// An `@` that opens a segment with another one after it is an npm scope that somebody forgot to encode.
const splitVersion = (path: string): readonly [string, string] => {
  const [before, version] = splitRight(path, "@");
  return (before === "" || before.endsWith("/")) && version.includes("/") ? [path, ""] : [before, version];
};

const bad = (part: string, text: string): WaybillError =>
  new WaybillError(
    "INPUT_INVALID",
    `package URL with an unusable ${part}: ${JSON.stringify(String(text).slice(0, 160))}`,
  );
