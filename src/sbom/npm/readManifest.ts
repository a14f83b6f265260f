import { plainText } from "#sbom/plainText.ts";
import { isJsonFields, readJsonObject } from "#sbom/readJsonObject.ts";

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
  /** Installed for a project alone, never for a package. */
  readonly devDependencies: readonly string[];
  /** An extension of an editor, no package that Node loads (syft#3381). */
  readonly extension?: true;
}

const MAX_DEPENDENCIES = 5000;
const NAME = /^(?:@[A-Za-z0-9~_!'()*][A-Za-z0-9~_.!'()*-]*\/)?[A-Za-z0-9~_!'()*-][A-Za-z0-9~_.!'()*-]*$/;
const VERSION = /^[0-9A-Za-z][0-9A-Za-z.+_-]{0,127}$/;

/**
 * Reads a package.json as Node does (a byte order mark is skipped, of duplicate names the last counts) but for its depth.
 * INPUT_INVALID for what is no JSON object, LIMIT_EXCEEDED for one nested deeper than 100 levels.
 */
export const readManifest = (bytes: Uint8Array): NpmManifest => {
  const json = readJsonObject(bytes, "package.json");
  const name = short(json["name"]);
  const version = short(json["version"])?.replace(/^[=v]+(?=\d)/, "");
  const engines = json["engines"];
  return {
    ...optional("name", name !== undefined && NAME.test(name) ? name : undefined),
    ...optional("version", version !== undefined && VERSION.test(version) ? version : undefined),
    licenses: [...licenseTexts(json["license"]), ...licenseTexts(json["licenses"])],
    ...optional("author", person(json["author"])),
    ...optional("description", plainText(json["description"], 500)),
    ...optional("homepage", plainText(json["homepage"], 500)),
    dependencies: ["dependencies", "optionalDependencies", "peerDependencies"].flatMap((key) => names(json[key])),
    devDependencies: names(json["devDependencies"]),
    ...(isJsonFields(engines) && Object.hasOwn(engines, "vscode") ? { extension: true as const } : {}),
  };
};

// Identifiers are taken as they are or not at all.
const short = (value: unknown): string | undefined =>
  typeof value === "string" && value.length <= 214 ? value.trim() : undefined;

// "MIT", { type: "MIT" }, or a list of either.
const licenseTexts = (value: unknown): readonly string[] => {
  const items = Array.isArray(value) ? value.slice(0, 20) : [value];
  return items
    .map((item) => plainText(isJsonFields(item) ? item["type"] : item, 1000))
    .filter((license) => license !== undefined);
};

const person = (value: unknown): string | undefined => {
  if (!isJsonFields(value)) return plainText(value, 200);
  const name = plainText(value["name"], 200);
  const email = plainText(value["email"], 200);
  return name !== undefined && email !== undefined ? `${name} <${email}>` : (name ?? email);
};

const names = (value: unknown): readonly string[] =>
  isJsonFields(value)
    ? Object.keys(value)
        .filter((name) => NAME.test(name))
        .slice(0, MAX_DEPENDENCIES)
    : [];

const optional = <K extends string>(key: K, value: string | undefined): { readonly [P in K]?: string } =>
  value === undefined ? {} : ({ [key]: value } as { readonly [P in K]: string });
