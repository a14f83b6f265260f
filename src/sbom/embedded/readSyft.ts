import { isJsonObject } from "#core/strictJson.ts";
import type { Json } from "#core/strictJson.ts";
import { lineOf, objectsOf } from "#sbom/embedded/readFields.ts";
import type { ClaimedPackage } from "#sbom/embedded/statement.ts";
import { joinLicenses } from "#sbom/license/joinLicenses.ts";
import { readLicense } from "#sbom/license/readLicense.ts";

/** What syft's own JSON says of packages; licences are texts, or objects since its schema 7. Its CPEs are guesses. */
export const readSyft = (document: Json): readonly ClaimedPackage[] =>
  (isJsonObject(document) ? objectsOf(document["artifacts"]) : []).flatMap((found) => {
    const purl = lineOf(found["purl"]);
    const stated = Array.isArray(found["licenses"]) ? (found["licenses"] as readonly Json[]) : [];
    const licenses = joinLicenses(stated.map((one) => readLicense(licenseText(one))));
    return purl === undefined ? [] : [{ purl, licenses }];
  });

const licenseText = (stated: Json): string | undefined =>
  isJsonObject(stated) ? (lineOf(stated["spdxExpression"]) ?? lineOf(stated["value"])) : lineOf(stated);
