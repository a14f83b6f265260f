import { WaybillError } from "#core/errors.ts";
import { compareText } from "#sbom/compareText.ts";
import { describeClaim } from "#sbom/embedded/describeClaim.ts";
import type { Statement } from "#sbom/embedded/statement.ts";
import type { Package } from "#sbom/package.ts";
import { parsePurl } from "#sbom/purl.ts";
import type { Purl } from "#sbom/purl.ts";

// Of one package. A million of them, of each of as many ids that differ in qualifiers alone, would be a day's work.
const MAX_STATEMENTS = 20;

interface Parsed {
  readonly statement: Statement;
  readonly purl: Purl;
}

/**
 * Adds to each package what embedded SBOMs state of it and its evidence does not, with a property `derivedFrom` that names the
 * files and what was taken. Nothing of the evidence is replaced. A package that only the SBOMs of a buildpacks image's own
 * SBOM layer know is listed as a claim (`describeClaim`); of other files no package is added.
 */
export const applyStatements = (packages: readonly Package[], statements: readonly Statement[]): readonly Package[] => {
  if (statements.length === 0) return packages;
  const parsed = statements.flatMap((statement) => {
    const purl = readPurl(statement.purl);
    return purl === undefined ? [] : [{ statement, purl }];
  });
  const byKey = Map.groupBy(parsed, ({ purl }) => keyOf(purl));
  const enriched = packages.map((found) => {
    const purl = readPurl(found.purl);
    const said = purl === undefined ? [] : (byKey.get(keyOf(purl)) ?? []).slice(0, MAX_STATEMENTS);
    return purl === undefined ? found : said.reduce((known, one) => enrich(known, purl, one), found);
  });
  return [...enriched, ...listClaims(packages, parsed)].toSorted((a, b) => compareText(a.id, b.id));
};

const readPurl = (text: string): Purl | undefined => {
  try {
    return parsePurl(text);
  } catch (thrown) {
    if (thrown instanceof WaybillError) return undefined;
    throw thrown;
  }
};

// `v20.18.0` of one tool is `20.18.0` of another; qualifiers say where from, not what.
const keyOf = ({ type, namespace, name, version }: Purl): string =>
  JSON.stringify([type, namespace, name, (version ?? "").replace(/^v(?=\d)/, "")]);

const nameOf = ({ type, namespace, name }: Purl): string => JSON.stringify([type, namespace, name]);

const enrich = (found: Package, purl: Purl, { statement, purl: stated }: Parsed): Package => {
  const added = {
    ...(found.licenses.length === 0 && statement.licenses.length > 0
      ? { licenses: statement.licenses, licenseSource: statement.place.path }
      : {}),
    ...missing("supplier", found, statement),
    ...missing("description", found, statement),
    ...missing("homepage", found, statement),
    ...missing("cpes", found, statement),
    // Another architecture's bytes are other bytes.
    ...(purl.qualifiers?.["arch"] === stated.qualifiers?.["arch"] ? missing("hashes", found, statement) : {}),
  };
  const source = found.properties?.["sourcePurl"] === undefined ? statement.source : undefined;
  const fields = [
    ...Object.keys(added).filter((key) => key !== "licenseSource"),
    ...(source === undefined ? [] : ["sourcePurl"]),
  ];
  if (fields.length === 0) return found;
  const { place, sha256 } = statement;
  const note = `${fields.join(", ")}: /${place.path} sha256:${sha256}`;
  const before = found.properties?.["derivedFrom"];
  const derivedFrom = before === undefined ? note : `${before}; ${note}`;
  const sourcePurl = source === undefined ? {} : { sourcePurl: source };
  return { ...found, ...added, properties: { ...found.properties, ...sourcePurl, derivedFrom } };
};

const missing = <K extends "supplier" | "description" | "homepage" | "cpes" | "hashes">(
  field: K,
  found: Package,
  statement: Statement,
): Partial<Pick<Package, K>> => {
  const has = (value: unknown): boolean => value !== undefined && (!Array.isArray(value) || value.length > 0);
  return has(found[field]) || !has(statement[field]) ? {} : ({ [field]: statement[field] } as Pick<Package, K>);
};

// Where the image shows another version of the same package, the claim is about something that is not there.
const listClaims = (packages: readonly Package[], parsed: readonly Parsed[]): readonly Package[] => {
  const listed = parsed.filter(({ statement }) => statement.isListed);
  if (listed.length === 0) return [];
  const known = new Set(packages.flatMap((found) => readPurl(found.purl) ?? []).map(nameOf));
  const claims = new Map<string, Package>();
  for (const { statement, purl } of listed) {
    const claim = known.has(nameOf(purl)) ? undefined : describeClaim(statement, purl);
    if (claim !== undefined && !claims.has(keyOf(purl))) claims.set(keyOf(purl), claim);
  }
  return [...claims.values()];
};
