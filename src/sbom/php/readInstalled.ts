import { WaybillError } from "#core/errors.ts";
import { plainText } from "#sbom/plainText.ts";
import { publicUrl } from "#sbom/publicUrl.ts";
import { isJsonFields, readJsonValue } from "#sbom/readJsonObject.ts";
import type { JsonFields } from "#sbom/readJsonObject.ts";

/** One package as Composer remembers it; whatever has an unexpected type is as good as absent. */
export interface ComposerPackage {
  /** `vendor/name`. */
  readonly name: string;
  readonly version?: string;
  readonly licenses: readonly string[];
  readonly author?: string;
  readonly description?: string;
  readonly homepage?: string;
  /** SHA-1 of the archive it came in, in hex. */
  readonly sha1?: string;
  /** Where its source is, without credentials. */
  readonly source?: string;
  /** Commit of the source. */
  readonly reference?: string;
  readonly isDev: boolean;
  readonly requires: readonly string[];
  /** Names that it stands in for: `provide` and `replace`. */
  readonly provides: readonly string[];
}

/** What an installed.json holds. */
export interface ComposerInstallation {
  readonly packages: readonly ComposerPackage[];
  /** Entries without a usable name. */
  readonly refused: number;
}

const MAX_PACKAGES = 100_000;
const MAX_LINKS = 5000;
const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}\/[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/;
const VERSION = /^[0-9A-Za-z][^\s\p{Cc}]{0,127}$/u;

/**
 * Reads vendor/composer/installed.json: an object since Composer 2, a list before (getcomposer.org/upgrade/UPGRADE-2.0.md).
 * Undefined where the file has the name and not the shape. Throws INPUT_INVALID or LIMIT_EXCEEDED.
 */
export const readInstalled = (bytes: Uint8Array): ComposerInstallation | undefined => {
  const document = readJsonValue(bytes, "installed.json");
  const entries = isJsonFields(document) ? document["packages"] : document;
  if (!Array.isArray(entries)) return undefined;
  if (entries.length > MAX_PACKAGES)
    throw new WaybillError("LIMIT_EXCEEDED", `installed.json of more than ${MAX_PACKAGES} packages`);
  const dev = isJsonFields(document) ? texts(document["dev-package-names"]) : [];
  const devNames = new Set(dev.map((name) => name.toLowerCase()));
  const packages = entries.flatMap((entry: unknown) => (isJsonFields(entry) ? readEntry(entry, devNames) : []));
  // A list of other things, as some themes and tools have one of that name.
  if (packages.length === 0 && entries.length > 0) return undefined;
  if (packages.length === 0 && !isJsonFields(document)) return undefined;
  return { packages, refused: entries.length - packages.length };
};

const readEntry = (entry: JsonFields, devNames: ReadonlySet<string>): readonly ComposerPackage[] => {
  const { name, version } = entry;
  if (typeof name !== "string" || !NAME.test(name)) return [];
  const [source, dist] = [members(entry["source"]), members(entry["dist"])];
  const shasum = dist["shasum"];
  return [
    {
      name,
      ...optional("version", typeof version === "string" && VERSION.test(version) ? version : undefined),
      licenses: texts(entry["license"]).flatMap((text) => plainText(text, 1000) ?? []),
      ...optional("author", firstAuthor(entry["authors"])),
      ...optional("description", plainText(entry["description"], 500)),
      ...optional("homepage", plainText(entry["homepage"], 500)),
      ...optional("sha1", typeof shasum === "string" && /^[0-9a-f]{40}$/.test(shasum) ? shasum : undefined),
      ...optional("source", publicUrl(source["url"])),
      ...optional("reference", plainText(source["reference"] ?? dist["reference"], 128)),
      isDev: devNames.has(name.toLowerCase()),
      requires: names(entry["require"]),
      provides: [...names(entry["provide"]), ...names(entry["replace"])],
    },
  ];
};

const members = (value: unknown): JsonFields => (isJsonFields(value) ? value : {});

// One text or a list of them.
const texts = (value: unknown): readonly string[] =>
  (Array.isArray(value) ? value : [value]).filter((one) => typeof one === "string").slice(0, MAX_PACKAGES);

const names = (value: unknown): readonly string[] =>
  Object.keys(members(value))
    .filter((name) => NAME.test(name))
    .slice(0, MAX_LINKS)
    .map((name) => name.toLowerCase());

const firstAuthor = (value: unknown): string | undefined => {
  const [author] = Array.isArray(value) ? value : [];
  const name = plainText(members(author)["name"], 200);
  const email = plainText(members(author)["email"], 200);
  return name !== undefined && email !== undefined ? `${name} <${email}>` : (name ?? email);
};

const optional = <K extends string>(key: K, value: string | undefined): { readonly [P in K]?: string } =>
  value === undefined ? {} : ({ [key]: value } as { readonly [P in K]: string });
