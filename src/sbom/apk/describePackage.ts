import type { ApkRecord } from "#sbom/apk/readInstalled.ts";
import { distroLabel } from "#sbom/distroLabel.ts";
import { readLicense } from "#sbom/license/readLicense.ts";
import type { Distro, Occurrence, Package } from "#sbom/package.ts";
import { writePurl } from "#sbom/purl.ts";

/** An apk record as a package. `distro` and `upstream` are what Grype matches by, beyond the purl specification. */
export const describePackage = (
  record: ApkRecord,
  evidence: { readonly distro: Distro | undefined; readonly place: Occurrence; readonly introducedIn: number },
): Package => {
  const { distro, place, introducedIn } = evidence;
  const upstream = record.origin === record.name ? undefined : record.origin;
  const purl = writePurl({
    type: "apk",
    namespace: distro?.id,
    name: record.name,
    version: record.version,
    qualifiers: { arch: record.architecture, distro: distroLabel(distro), upstream },
  });
  return {
    id: purl,
    type: "apk",
    name: record.name,
    ...(distro === undefined ? {} : { namespace: distro.id }),
    version: record.version,
    purl,
    licenses: readLicense(record.license),
    licenseSource: "apk database, L",
    ...(record.maintainer === undefined ? {} : { supplier: record.maintainer }),
    ...(record.description === undefined ? {} : { description: record.description }),
    ...(record.url === undefined ? {} : { homepage: record.url }),
    occurrences: [place],
    introducedIn,
    foundBy: "apk",
    ...propertiesOf(upstream, record.checksum),
  };
};

// No hash of the package: the checksum is of one part of its archive, by which apk's index knows it.
const propertiesOf = (source: string | undefined, checksum: string | undefined): Pick<Package, "properties"> => {
  const properties = {
    ...(source === undefined ? {} : { source }),
    ...(checksum === undefined ? {} : { apkChecksum: checksum }),
  };
  return Object.keys(properties).length === 0 ? {} : { properties };
};
