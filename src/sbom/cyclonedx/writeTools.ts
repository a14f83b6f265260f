import type { CycloneDxVersion } from "#sbom/cyclonedx/version.ts";

/** `metadata.tools`: this program. */
export const writeTools = (version: CycloneDxVersion, toolVersion: string): unknown =>
  version === "1.4"
    ? [{ vendor: "Waybill", name: "waybill", version: toolVersion }]
    : { components: [{ type: "application", name: "waybill", version: toolVersion }] };
