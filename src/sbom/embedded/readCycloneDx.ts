import { isJsonObject } from "#core/strictJson.ts";
import type { Json, JsonObject } from "#core/strictJson.ts";
import { hashesOf, lineOf, objectsOf, optionalField } from "#sbom/embedded/readFields.ts";
import type { ClaimedPackage } from "#sbom/embedded/statement.ts";
import { joinLicenses } from "#sbom/license/joinLicenses.ts";
import { readLicense } from "#sbom/license/readLicense.ts";
import type { Package } from "#sbom/package.ts";

/** What a CycloneDX JSON document says of components with a package URL, those within others included. */
export const readCycloneDx = (document: Json): readonly ClaimedPackage[] => {
  const pending = isJsonObject(document) ? [...objectsOf(document["components"])].reverse() : [];
  const claims: ClaimedPackage[] = [];
  for (let one = pending.pop(); one !== undefined; one = pending.pop()) {
    for (const inner of [...objectsOf(one["components"])].reverse()) pending.push(inner);
    const purl = lineOf(one["purl"]);
    if (purl !== undefined) claims.push({ purl, ...readComponent(one) });
  }
  return claims;
};

const readComponent = (one: JsonObject): Omit<ClaimedPackage, "purl"> => ({
  licenses: licensesOf(one["licenses"]),
  ...optionalField("supplier", nameOf(one["supplier"]) ?? lineOf(one["publisher"])),
  ...optionalField("description", lineOf(one["description"])),
  ...optionalField("homepage", websiteOf(one["externalReferences"])),
  ...optionalField("hashes", hashesOf(objectsOf(one["hashes"]).map((hash) => [hash["alg"], hash["content"]]))),
});

const licensesOf = (value: Json | undefined): Package["licenses"] =>
  joinLicenses(
    objectsOf(value).map((choice) => {
      const license = isJsonObject(choice["license"]) ? choice["license"] : {};
      return readLicense(lineOf(choice["expression"]) ?? lineOf(license["id"]) ?? lineOf(license["name"]));
    }),
  );

const nameOf = (value: Json | undefined): string | undefined =>
  value !== undefined && isJsonObject(value) ? lineOf(value["name"]) : undefined;

const websiteOf = (value: Json | undefined): string | undefined =>
  lineOf(objectsOf(value).find((one) => one["type"] === "website")?.["url"]);
