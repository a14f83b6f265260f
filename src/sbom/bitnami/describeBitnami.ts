import type { ClaimedPackage } from "#sbom/embedded/statement.ts";
import type { Occurrence, Package } from "#sbom/package.ts";
import { parsePurl, writePurl } from "#sbom/purl.ts";

/** A package of Bitnami's; `isMain` is the program, the others are what it was built with. INPUT_INVALID for an unusable purl. */
export const describeBitnami = (
  claim: ClaimedPackage,
  isMain: boolean,
  evidence: { readonly place: Occurrence; readonly introducedIn: number },
): Package => {
  const parts = parsePurl(claim.purl);
  const purl = writePurl(parts);
  const { purl: _, source: __, licenses, ...rest } = claim;
  return {
    id: purl,
    type: "bitnami",
    name: parts.name,
    version: parts.version,
    ...(parts.version === undefined ? { unknownReason: "Bitnami's file states no version" } : {}),
    purl,
    ...(isMain ? { isApplication: true } : {}),
    licenses,
    ...(licenses.length === 0 ? {} : { licenseSource: evidence.place.path }),
    ...rest,
    occurrences: [evidence.place],
    introducedIn: evidence.introducedIn,
    foundBy: "bitnami",
  };
};
