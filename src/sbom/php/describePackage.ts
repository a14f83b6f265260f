import { joinLicenses } from "#sbom/license/joinLicenses.ts";
import { readLicense } from "#sbom/license/readLicense.ts";
import { spdxExpression } from "#sbom/license/spdxExpression.ts";
import type { Occurrence, Package } from "#sbom/package.ts";
import type { ComposerPackage } from "#sbom/php/readInstalled.ts";
import { writePurl } from "#sbom/purl.ts";

/** A package of Composer; its version stays as written, `v` and all. */
export const describePackage = (
  found: ComposerPackage,
  evidence: { readonly place: Occurrence; readonly introducedIn: number },
): Package => {
  const [namespace = "", name = ""] = found.name.toLowerCase().split("/");
  const purl = writePurl({ type: "composer", namespace, name, version: found.version });
  const licenses = licensesOf(found.licenses);
  return {
    id: purl,
    type: "composer",
    namespace,
    name,
    version: found.version,
    ...(found.version === undefined ? { unknownReason: "installed.json states no usable version" } : {}),
    purl,
    licenses,
    ...(licenses.length === 0 ? {} : { licenseSource: "license" }),
    ...(found.author === undefined ? {} : { supplier: found.author }),
    ...(found.description === undefined ? {} : { description: found.description }),
    ...(found.homepage === undefined ? {} : { homepage: found.homepage }),
    ...(found.sha1 === undefined ? {} : { hashes: [{ algorithm: "SHA-1" as const, hex: found.sha1 }] }),
    occurrences: [evidence.place],
    introducedIn: evidence.introducedIn,
    foundBy: "php-composer",
    ...propertiesOf(found),
  };
};

// A list is a choice (getcomposer.org/doc/04-schema.md, "license").
const licensesOf = (texts: readonly string[]): Package["licenses"] => {
  const choice = texts.length < 2 ? undefined : spdxExpression(texts.map((text) => wrap(text)).join(" OR "));
  return choice === undefined ? joinLicenses(texts.map(readLicense)) : [{ expression: choice }];
};

const wrap = (text: string): string => (/\s/.test(text.trim()) ? `(${text})` : text);

const propertiesOf = (found: ComposerPackage): Pick<Package, "properties"> => {
  const { source, reference, isDev } = found;
  const properties = {
    ...(isDev ? { dev: "true" } : {}),
    ...(source === undefined ? {} : { source }),
    ...(reference === undefined ? {} : { reference }),
  };
  return Object.keys(properties).length === 0 ? {} : { properties };
};
