import { linesOf } from "#sbom/linesOf.ts";
import { plainText } from "#sbom/plainText.ts";

/** What METADATA or PKG-INFO says of a package (packaging.python.org/specifications/core-metadata). */
export interface CoreMetadata {
  readonly name?: string;
  readonly version?: string;
  readonly summary?: string;
  readonly homepage?: string;
  readonly author?: string;
  readonly licenseExpression?: string;
  /** May be a name, an expression or the whole text of a licence: then its first line. */
  readonly license?: string;
  /** `License :: ...`, without that word. */
  readonly licenseClassifiers: readonly string[];
  /** Requires-Dist as written. */
  readonly requires: readonly string[];
}

const MAX_REQUIRES = 5000;
const MAX_REQUIREMENT = 4096;
const MAX_CLASSIFIERS = 50;
const HEADER = /^([A-Za-z][A-Za-z0-9-]{0,40})[ \t]*:(.*)$/;
const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,212}[A-Za-z0-9])?$/;
const VERSION = /^[0-9A-Za-z][0-9A-Za-z.+!_-]{0,127}$/;
const LICENSE_CLASSIFIER = /^License\s*::\s*/;

/**
 * Reads the header fields as Python's e-mail parser does: until an empty line or one that is no header; what follows is the
 * description. Whatever has an unexpected form is as good as absent.
 */
export const readCoreMetadata = (bytes: Uint8Array): CoreMetadata => {
  const fields = readFields(new TextDecoder().decode(bytes));
  const first = (name: string): string | undefined => known(fields.get(name)?.[0]);
  const [name, version] = [first("name"), first("version")];
  return {
    ...optional("name", name !== undefined && NAME.test(name) ? name : undefined),
    ...optional("version", version !== undefined && VERSION.test(version) ? version : undefined),
    ...optional("summary", plainText(first("summary"), 500)),
    ...optional("homepage", homepageOf(first("home-page"), fields.get("project-url") ?? [])),
    ...optional("author", authorOf(first("author"), first("author-email"))),
    ...optional("licenseExpression", plainText(first("license-expression"), 1000)),
    ...optional("license", plainText(first("license")?.split("\n", 1)[0], 1000)),
    licenseClassifiers: (fields.get("classifier") ?? [])
      .filter((classifier) => LICENSE_CLASSIFIER.test(classifier))
      .flatMap((classifier) => plainText(classifier.replace(LICENSE_CLASSIFIER, ""), 300) ?? [])
      .slice(0, MAX_CLASSIFIERS),
    requires: (fields.get("requires-dist") ?? [])
      .slice(0, MAX_REQUIRES)
      .flatMap((requirement) => plainText(requirement.slice(0, MAX_REQUIREMENT), MAX_REQUIREMENT) ?? []),
  };
};

const WANTED: ReadonlySet<string> = new Set(
  "name version summary home-page project-url author author-email license-expression license classifier requires-dist".split(
    " ",
  ),
);
const MAX_VALUES = 10_000;
const MAX_VALUE = 100_000;

const readFields = (text: string): ReadonlyMap<string, readonly string[]> => {
  const fields = new Map<string, string[]>();
  let open: string[] | undefined;
  for (const raw of linesOf(text.replace(/^\uFEFF/, ""))) {
    const line = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
    if (line.startsWith(" ") || line.startsWith("\t")) {
      const last = open?.at(-1);
      if (open !== undefined && last !== undefined && last.length < MAX_VALUE)
        open[open.length - 1] = `${last}\n${line.trim()}`;
      continue;
    }
    const [header, key = "", value = ""] = HEADER.exec(line) ?? [];
    if (header === undefined) break;
    open = openField(fields, key.toLowerCase(), value.trim());
  }
  return fields;
};

const openField = (fields: Map<string, string[]>, key: string, value: string): string[] | undefined => {
  if (!WANTED.has(key)) return undefined;
  const values = fields.get(key) ?? [];
  fields.set(key, values);
  if (values.length >= MAX_VALUES) return undefined;
  values.push(value);
  return values;
};

// What setuptools writes of what it was not told.
const known = (value: string | undefined): string | undefined => (value === "UNKNOWN" ? undefined : value);

const homepageOf = (homepage: string | undefined, urls: readonly string[]): string | undefined => {
  if (homepage !== undefined && homepage !== "") return plainText(homepage, 500);
  for (const url of urls) {
    const [, target] = /^home[ -]?page\s*,\s*(\S+)$/i.exec(url.slice(0, 1000)) ?? [];
    if (target !== undefined) return plainText(target, 500);
  }
  return undefined;
};

const authorOf = (author: string | undefined, email: string | undefined): string | undefined => {
  const [name, mail] = [plainText(author, 200), plainText(email, 200)];
  if (name === undefined || mail === undefined) return name ?? mail;
  return mail.includes("<") || mail.includes(",") ? mail : `${name} <${mail}>`;
};

const optional = <K extends string>(key: K, value: string | undefined): { readonly [P in K]?: string } =>
  value === undefined ? {} : ({ [key]: value } as { readonly [P in K]: string });
