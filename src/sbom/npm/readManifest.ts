import { WaybillError } from "#core/errors.ts";

/** What a package.json says, in plain texts; whatever has an unexpected type is as good as absent. */
export interface NpmManifest {
  readonly name?: string;
  readonly version?: string;
  readonly licenses: readonly string[];
  readonly author?: string;
  readonly description?: string;
  readonly homepage?: string;
  /** Names it wants to load: dependencies, optionalDependencies, peerDependencies. */
  readonly dependencies: readonly string[];
  /** An extension of an editor, no package that Node loads (syft#3381). */
  readonly extension?: true;
}

const MAX_DEPTH = 100;
const MAX_DEPENDENCIES = 5000;
const NAME = /^(?:@[A-Za-z0-9~_!'()*][A-Za-z0-9~_.!'()*-]*\/)?[A-Za-z0-9~_!'()*-][A-Za-z0-9~_.!'()*-]*$/;
const VERSION = /^[0-9A-Za-z][0-9A-Za-z.+_-]{0,127}$/;

/**
 * Reads a package.json as Node does (a byte order mark is skipped, of duplicate names the last counts) but for its depth.
 * INPUT_INVALID for what is no JSON object, LIMIT_EXCEEDED for one nested deeper than 100 levels.
 */
export const readManifest = (bytes: Uint8Array): NpmManifest => {
  const json = parseObject(bytes);
  const name = short(json["name"]);
  const version = short(json["version"])?.replace(/^[=v]+(?=\d)/, "");
  const engines = json["engines"];
  return {
    ...optional("name", name !== undefined && NAME.test(name) ? name : undefined),
    ...optional("version", version !== undefined && VERSION.test(version) ? version : undefined),
    licenses: [...licenseTexts(json["license"]), ...licenseTexts(json["licenses"])],
    ...optional("author", person(json["author"])),
    ...optional("description", text(json["description"], 500)),
    ...optional("homepage", text(json["homepage"], 500)),
    dependencies: ["dependencies", "optionalDependencies", "peerDependencies"].flatMap((key) => names(json[key])),
    ...(isObject(engines) && Object.hasOwn(engines, "vscode") ? { extension: true as const } : {}),
  };
};

type Fields = Readonly<Record<string, unknown>>;

const parseObject = (bytes: Uint8Array): Fields => {
  checkDepth(bytes);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new WaybillError("INPUT_INVALID", "package.json is not valid JSON", { cause });
  }
  if (!isObject(value)) throw new WaybillError("INPUT_INVALID", "package.json is not a JSON object");
  return value;
};

// V8 parses any depth, at many times the size in memory; brackets inside strings are not worth the care.
const checkDepth = (bytes: Uint8Array): void => {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === 0x22) inString = !inString;
    else if (inString) at += byte === 0x5c ? 1 : 0;
    else if (byte === 0x5b || byte === 0x7b) depth++;
    else if (byte === 0x5d || byte === 0x7d) depth--;
    if (depth > MAX_DEPTH)
      throw new WaybillError("LIMIT_EXCEEDED", `package.json nested deeper than ${MAX_DEPTH} levels`);
  }
};

const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const text = (value: unknown, cap: number): string | undefined => {
  if (typeof value !== "string" || value.length > 100_000) return undefined;
  const plain = value
    .toWellFormed()
    .replace(/\p{Cc}+/gu, " ")
    .trim();
  return plain === "" ? undefined : plain.slice(0, cap).toWellFormed();
};

// Identifiers are taken as they are or not at all.
const short = (value: unknown): string | undefined =>
  typeof value === "string" && value.length <= 214 ? value.trim() : undefined;

// "MIT", { type: "MIT" }, or a list of either.
const licenseTexts = (value: unknown): readonly string[] => {
  const items = Array.isArray(value) ? value.slice(0, 20) : [value];
  return items
    .map((item) => text(isObject(item) ? item["type"] : item, 1000))
    .filter((license) => license !== undefined);
};

const person = (value: unknown): string | undefined => {
  if (!isObject(value)) return text(value, 200);
  const name = text(value["name"], 200);
  const email = text(value["email"], 200);
  return name !== undefined && email !== undefined ? `${name} <${email}>` : (name ?? email);
};

const names = (value: unknown): readonly string[] =>
  isObject(value)
    ? Object.keys(value)
        .filter((name) => NAME.test(name))
        .slice(0, MAX_DEPENDENCIES)
    : [];

const optional = <K extends string>(key: K, value: string | undefined): { readonly [P in K]?: string } =>
  value === undefined ? {} : ({ [key]: value } as { readonly [P in K]: string });
