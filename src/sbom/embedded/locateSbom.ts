/** What kind of SBOM lies at a path. */
export interface EmbeddedSbom {
  readonly format: "cyclonedx" | "spdx" | "syft";
  /** `apk`: one for each apk package (apko, melange); `buildpacks`: of the launch layers (lifecycle, Platform API 0.8). */
  readonly origin: "apk" | "buildpacks";
}

const APK = /^(?:var|usr)\/lib\/db\/sbom\/[^/]+\.spdx\.json$/;
const BUILDPACKS = /^layers\/sbom\/launch\/(?:[^/]+\/){1,2}sbom\.(cdx|spdx|syft)\.json$/;
const FORMATS = { cdx: "cyclonedx", spdx: "spdx", syft: "syft" } as const;

/**
 * Tells by its name alone whether a file is an SBOM that is read. Others (`*.cdx.json` anywhere) are not: who put them there,
 * and about what, nobody says.
 */
export const locateSbom = (path: string): EmbeddedSbom | undefined => {
  if (!path.endsWith(".json") || !path.includes("sbom/")) return undefined;
  if (APK.test(path)) return { format: "spdx", origin: "apk" };
  const extension = BUILDPACKS.exec(path)?.[1] as keyof typeof FORMATS | undefined;
  return extension === undefined ? undefined : { format: FORMATS[extension], origin: "buildpacks" };
};
