import type { Statement } from "#sbom/embedded/statement.ts";
import type { Package, PackageType } from "#sbom/package.ts";
import { writePurl } from "#sbom/purl.ts";
import type { Purl } from "#sbom/purl.ts";

const TYPES: ReadonlySet<string> = new Set<PackageType>(
  "apk bitnami cargo composer conda deb gem generic golang maven npm nuget pypi rpm".split(" ") as PackageType[],
);
// Half: a file says so, and nothing in the image bears it out.
const CONFIDENCE = 0.5;

/** A package that only an embedded SBOM knows; undefined for a type that the document has no word for, or no version. */
export const describeClaim = (statement: Statement, purl: Purl): Package | undefined => {
  const { type, namespace, name, version } = purl;
  if (!TYPES.has(type) || version === undefined) return undefined;
  const { licenses, supplier, description, homepage, hashes, place, sha256 } = statement;
  const canonical = writePurl(purl);
  return {
    id: canonical,
    type: type as PackageType,
    name,
    ...(namespace === undefined ? {} : { namespace }),
    version,
    purl: canonical,
    technique: "attestation",
    confidence: CONFIDENCE,
    licenses,
    ...(licenses.length === 0 ? {} : { licenseSource: place.path }),
    ...(supplier === undefined ? {} : { supplier }),
    ...(description === undefined ? {} : { description }),
    ...(homepage === undefined ? {} : { homepage }),
    ...(hashes === undefined ? {} : { hashes }),
    occurrences: [place],
    introducedIn: place.layer,
    foundBy: "embedded-sbom",
    properties: { claim: "true", derivedFrom: `/${place.path} sha256:${sha256}` },
  };
};
