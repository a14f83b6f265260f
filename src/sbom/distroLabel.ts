import type { Distro } from "#sbom/package.ts";

/** The `distro` qualifier that vulnerability scanners match by: `debian-12.15`, `alpine-3.20.1`, or the id alone. */
export const distroLabel = (distro: Distro | undefined): string | undefined =>
  distro === undefined || distro.versionId === undefined ? distro?.id : `${distro.id}-${distro.versionId}`;
