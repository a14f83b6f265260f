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
    ...(upstream === undefined ? {} : { properties: { source: upstream } }),
  };
};
