import { distroLabel } from "#sbom/distroLabel.ts";
import type { DpkgRecord } from "#sbom/dpkg/readStatus.ts";
import type { Distro, Occurrence, Package } from "#sbom/package.ts";
import { writePurl } from "#sbom/purl.ts";

/** Where a record was found and what stands beside it. */
export interface DpkgEvidence {
  readonly distro: Distro | undefined;
  readonly place: Occurrence;
  readonly introducedIn: number;
  readonly licenses: Package["licenses"];
  readonly licenseSource?: string;
}

/** A dpkg record as a package. `distro` and `upstream` are what Grype matches by, beyond the purl specification. */
export const describePackage = (record: DpkgRecord, evidence: DpkgEvidence): Package => {
  const { distro, place, introducedIn, licenses, licenseSource } = evidence;
  const { source } = record;
  const upstream = source?.version === undefined ? source?.name : `${source.name}@${source.version}`;
  const purl = writePurl({
    type: "deb",
    namespace: distro?.id,
    name: record.name,
    version: record.version,
    qualifiers: { arch: record.architecture, distro: distroLabel(distro), upstream },
  });
  return {
    id: purl,
    type: "deb",
    name: record.name,
    ...(distro === undefined ? {} : { namespace: distro.id }),
    version: record.version,
    purl,
    licenses,
    ...(licenseSource === undefined ? {} : { licenseSource }),
    ...(record.maintainer === undefined ? {} : { supplier: record.maintainer }),
    ...(record.summary === undefined ? {} : { description: record.summary }),
    ...(record.homepage === undefined ? {} : { homepage: record.homepage }),
    occurrences: [place],
    introducedIn,
    foundBy: "dpkg",
    ...(source === undefined ? {} : { properties: sourceProperties(source) }),
  };
};

const sourceProperties = (source: NonNullable<DpkgRecord["source"]>): Readonly<Record<string, string>> =>
  source.version === undefined ? { source: source.name } : { source: source.name, sourceVersion: source.version };
