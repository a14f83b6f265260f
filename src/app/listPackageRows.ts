import { isJsonObject } from "#core/strictJson.ts";
import type { Json, JsonObject } from "#core/strictJson.ts";
import { MAX_PACKAGES } from "#records/packageList.ts";
import type { PackageList, PackageRow } from "#records/packageList.ts";
import { cleanText } from "#app/cleanText.ts";

const MAX_TEXT = 2048;

/**
 * The components of a CycloneDX document that are packages, which is to say have a purl: one row for each purl, in the
 * order of purls, of which no more than `MAX_PACKAGES` are listed. Whatever else stands in the document, of whatever shape, is
 * passed over.
 */
export const listPackageRows = (document: Json | undefined): PackageList => {
  const rows = new Map<string, PackageRow>();
  const found: Json[] = [document ?? null];
  // The list grows while it is walked: components may hold components (CycloneDX 1.6, "components").
  for (const next of found) {
    if (!isJsonObject(next)) continue;
    const row = readRow(next);
    if (row !== undefined && !rows.has(row.purl)) rows.set(row.purl, row);
    const inner = next["components"];
    if (Array.isArray(inner)) for (const one of inner as readonly Json[]) found.push(one);
  }
  const sorted = [...rows.values()].toSorted((a, b) => (a.purl < b.purl ? -1 : 1));
  return { rows: sorted.slice(0, MAX_PACKAGES), total: sorted.length };
};

const readRow = (component: JsonObject): PackageRow | undefined => {
  const purl = textOf(component["purl"]);
  const type = /^pkg:\/*([A-Za-z0-9.+-]+)\//.exec(purl)?.[1]?.toLowerCase();
  if (type === undefined) return undefined;
  const group = textOf(component["group"]);
  const name = textOf(component["name"]);
  return {
    name: group === "" ? name : `${group}/${name}`,
    version: textOf(component["version"]),
    type,
    purl,
    licenses: licensesOf(component["licenses"]),
  };
};

const licensesOf = (value: Json | undefined): string => {
  const choices = Array.isArray(value) ? (value as readonly Json[]) : [];
  return choices
    .map(licenseOf)
    .filter((text) => text !== "")
    .join(", ")
    .slice(0, MAX_TEXT);
};

/** CycloneDX 1.6, "licenseChoice": an expression, or a licence with an SPDX id or a name. */
const licenseOf = (choice: Json): string => {
  if (!isJsonObject(choice)) return "";
  const { expression, license } = choice;
  if (!isJsonObject(license)) return textOf(expression);
  const id = textOf(license["id"]);
  return id === "" ? textOf(license["name"]) : id;
};

const textOf = (value: Json | undefined): string => (typeof value === "string" ? cleanText(value, MAX_TEXT) : "");
