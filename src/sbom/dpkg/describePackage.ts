import { distroLabel } from "#sbom/distroLabel.ts";
import type { ChiselPackage } from "#sbom/dpkg/readChiselManifest.ts";
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
  /** What chisel's manifest says of the same package. */
  readonly chisel: ChiselPackage | undefined;
}

/** A dpkg record as a package. `distro` and `upstream` are what Grype matches by, beyond the purl specification. */
export const describePackage = (record: DpkgRecord, evidence: DpkgEvidence): Package => {
  const { distro, place, introducedIn, licenses, licenseSource, chisel } = evidence;
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
    ...(chisel === undefined || chisel.hashes.length === 0 ? {} : { hashes: chisel.hashes }),
    occurrences: [place],
    introducedIn,
    foundBy: "dpkg",
    ...propertiesOf(record, chisel),
  };
};

const propertiesOf = (
  { source, builtUsing }: DpkgRecord,
  chisel: ChiselPackage | undefined,
): Pick<Package, "properties"> => {
  const properties = {
    ...(source === undefined ? {} : { source: source.name }),
    ...(source?.version === undefined ? {} : { sourceVersion: source.version }),
    ...(builtUsing === undefined ? {} : { builtUsing }),
    ...(chisel === undefined ? {} : { slices: chisel.slices.join(" ") }),
  };
  return Object.keys(properties).length === 0 ? {} : { properties };
};
