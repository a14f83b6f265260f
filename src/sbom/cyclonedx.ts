import { serialNumber } from "#sbom/cyclonedx/serialNumber.ts";
import type { CycloneDxVersion } from "#sbom/cyclonedx/version.ts";
import { systemRef, writeComponent, writeSystem } from "#sbom/cyclonedx/writeComponent.ts";
import { writeCompositions } from "#sbom/cyclonedx/writeCompositions.ts";
import { writeDependencies } from "#sbom/cyclonedx/writeDependencies.ts";
import { writeJson } from "#sbom/cyclonedx/writeJson.ts";
import { rootRef, writeMetadata } from "#sbom/cyclonedx/writeMetadata.ts";
import type { Sbom } from "#sbom/sbom.ts";

/**
 * A CycloneDX document as UTF-8 JSON without line breaks, valid under the schema of its version. The bytes depend on the
 * arguments only: no clock, no host, no random number; `toolVersion` is the version of the program that made it.
 */
export const writeCycloneDx = (sbom: Sbom, version: CycloneDxVersion, toolVersion: string): Uint8Array => {
  const root = rootRef(sbom.image);
  const system = sbom.distro === undefined ? [] : [sbom.distro];
  const { packages, edges, direct } = sbom;
  const head = {
    $schema: `http://cyclonedx.org/schema/bom-${version}.schema.json`,
    bomFormat: "CycloneDX",
    specVersion: version,
  };
  const body = {
    version: 1,
    metadata: writeMetadata(sbom, version, toolVersion),
    components: [...system.map(writeSystem), ...packages.map((found) => writeComponent(found, version, sbom.base))],
    dependencies: writeDependencies({ root, parts: system.map(systemRef), packages, edges, direct }),
    compositions: writeCompositions(sbom, root, version),
  };
  const number = serialNumber(writeJson({ ...head, ...body }));
  return Buffer.from(writeJson({ ...head, serialNumber: number, ...body }));
};
