import type { Cataloger, CapturedFile } from "#sbom/cataloger.ts";
import { keepWhole } from "#sbom/keepWhole.ts";
import { readOsRelease } from "#sbom/readOsRelease.ts";

const PATHS = /(?:^|\/)(?:etc\/os-release|usr\/lib\/os-release|etc\/debian_version)$/;
const MAX_BYTES = 64 * 1024;

/** Captures what names the distribution, of the image and of file systems inside it. Packages come from others. */
export const osRelease: Cataloger = {
  name: "os-release",
  wants: (entry) =>
    entry.path.endsWith("/os-release") || entry.path.endsWith("/debian_version")
      ? PATHS.test(entry.path)
        ? keepWhole(entry.size, MAX_BYTES, "os-release")
        : undefined
      : undefined,
  catalog: (view) => ({
    packages: [],
    edges: [],
    unknowns: view
      .captured("os-release")
      .filter(isUnreadable)
      .map(({ path, layer }) => ({ path, layer, reason: "names no usable distribution ID" })),
    completeness: "complete",
  }),
};

const isUnreadable = (file: CapturedFile): boolean =>
  file.path.endsWith("/os-release") && readOsRelease(file.bytes) === undefined;
