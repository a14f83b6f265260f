import { isJsonObject } from "#core/strictJson.ts";
import type { Json, JsonObject } from "#core/strictJson.ts";
import { cpesOf, hashesOf, lineOf, objectsOf, optionalField } from "#sbom/embedded/readFields.ts";
import type { ClaimedPackage } from "#sbom/embedded/statement.ts";
import { readLicense } from "#sbom/license/readLicense.ts";

/** What an SPDX 2 document says of packages that have a package URL (SPDX 2.3, sections 7 and 11). */
export const readSpdx = (document: Json): readonly ClaimedPackage[] => {
  if (!isJsonObject(document)) return [];
  const packages = objectsOf(document["packages"]);
  const sources = sourcesOf(document, packages);
  return packages.flatMap((found) => {
    const purl = purlOf(found);
    if (purl === undefined) return [];
    return [
      {
        purl,
        licenses: readLicense(lineOf(found["licenseDeclared"]) ?? lineOf(found["licenseConcluded"])),
        ...optionalField("supplier", partyOf(found["supplier"]) ?? partyOf(found["originator"])),
        ...optionalField("description", lineOf(found["summary"]) ?? lineOf(found["description"])),
        ...optionalField("homepage", lineOf(found["homepage"])),
        ...optionalField("cpes", cpesOf(references(found, "cpe23Type"))),
        ...optionalField("hashes", hashesOf(objectsOf(found["checksums"]).map(checksumPair))),
        ...optionalField("source", sources.get(idOf(found))),
      },
    ];
  });
};

const references = (found: JsonObject, type: string): readonly (Json | undefined)[] =>
  objectsOf(found["externalRefs"])
    .filter((one) => one["referenceType"] === type)
    .map((one) => one["referenceLocator"]);

const purlOf = (found: JsonObject): string | undefined => lineOf(references(found, "purl")[0]);

const idOf = (found: JsonObject): string => (typeof found["SPDXID"] === "string" ? found["SPDXID"] : "");

const checksumPair = (one: JsonObject): readonly [Json | undefined, Json | undefined] => [
  one["algorithm"],
  one["checksumValue"],
];

// `Organization: Name (mail)`: SPDX 2.3, 7.5.
const partyOf = (value: Json | undefined): string | undefined =>
  lineOf(value)
    ?.replace(/^(?:Organization|Person): */, "")
    .replace(/ \(([^()]*)\)$/, (_, mail: string) => (mail === "" ? "" : ` <${mail}>`));

// By id of what was made; only relationships say what a source is, not that both are in one document.
const sourcesOf = (document: JsonObject, packages: readonly JsonObject[]): ReadonlyMap<string, string> => {
  const purls = new Map(packages.map((found) => [idOf(found), purlOf(found)]));
  const sources = new Map<string, string>();
  for (const relation of objectsOf(document["relationships"])) {
    const { spdxElementId: from, relatedSpdxElement: to, relationshipType: type } = relation;
    if (typeof from !== "string" || typeof to !== "string" || type !== "GENERATED_FROM") continue;
    const purl = purls.get(to);
    if (purl !== undefined && !sources.has(from)) sources.set(from, purl);
  }
  return sources;
};
