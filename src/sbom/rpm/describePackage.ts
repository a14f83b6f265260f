import { distroLabel } from "#sbom/distroLabel.ts";
import { readLicense } from "#sbom/license/readLicense.ts";
import { rpmLicense } from "#sbom/license/rpmLicense.ts";
import { spdxExpression } from "#sbom/license/spdxExpression.ts";
import type { Distro, Occurrence, Package } from "#sbom/package.ts";
import { writePurl } from "#sbom/purl.ts";
import type { RpmRecord } from "#sbom/rpm/rpmRecord.ts";

/** Where a record was found. */
export interface RpmEvidence {
  readonly distro: Distro | undefined;
  readonly place: Occurrence;
  readonly introducedIn: number;
}

// What scanners know the vendor of these distributions as; others are known by their own id.
const NAMESPACES: Readonly<Record<string, string>> = { rhel: "redhat", hummingbird: "redhat" };

/**
 * An rpm record as a package. `epoch`, `upstream` and `rpmmod` are what Grype and Trivy match by, beyond the version.
 * Throws INPUT_INVALID for a name that no package URL can hold.
 */
export const describePackage = (record: RpmRecord, { distro, place, introducedIn }: RpmEvidence): Package => {
  const { name, architecture, license, module, sourceRpm, summary, url, digests } = record;
  const namespace = namespaceOf(distro);
  const supplier = record.vendor ?? record.packager;
  const purl = writePurl({
    type: "rpm",
    namespace,
    name,
    version: `${record.version}-${record.release}`,
    qualifiers: {
      arch: architecture,
      distro: distroLabel(distro),
      epoch: record.epoch?.toString(),
      upstream: sourceRpm,
      rpmmod: module,
    },
  });
  return {
    id: purl,
    type: "rpm",
    name,
    ...(namespace === undefined ? {} : { namespace }),
    version: versionOf(record),
    purl,
    licenses: licensesOf(license),
    ...(license === undefined ? {} : { licenseSource: "License" }),
    ...(supplier === undefined ? {} : { supplier }),
    ...(summary === undefined ? {} : { description: summary }),
    ...(url === undefined ? {} : { homepage: url }),
    ...(digests === undefined ? {} : { hashes: digests }),
    occurrences: [place],
    introducedIn,
    foundBy: "rpm",
    ...propertiesOf(sourceRpm, module),
  };
};

/** As rpm writes it: `epoch:version-release`, the epoch only where there is one. */
export const versionOf = ({ epoch, version, release }: RpmRecord): string =>
  `${epoch === undefined ? "" : `${epoch}:`}${version}-${release}`;

const namespaceOf = (distro: Distro | undefined): string | undefined => {
  if (distro === undefined) return undefined;
  return distro.id.startsWith("opensuse") ? "opensuse" : (NAMESPACES[distro.id] ?? distro.id);
};

const licensesOf = (statement: string | undefined): Package["licenses"] => {
  const expression = statement === undefined ? undefined : (spdxExpression(statement) ?? rpmLicense(statement));
  return expression === undefined ? readLicense(statement) : [{ expression }];
};

const propertiesOf = (source: string | undefined, module: string | undefined): Pick<Package, "properties"> => {
  const properties = { ...(source === undefined ? {} : { source }), ...(module === undefined ? {} : { module }) };
  return Object.keys(properties).length === 0 ? {} : { properties };
};
