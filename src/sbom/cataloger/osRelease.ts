import type { Cataloger, CapturedFile } from "#sbom/cataloger.ts";
import { keepWhole } from "#sbom/keepWhole.ts";
import { OLDER_FILES } from "#sbom/readOlderDistro.ts";
import { readOsRelease } from "#sbom/readOsRelease.ts";

const PATHS: readonly string[] = [
  "etc/os-release",
  "usr/lib/os-release",
  "etc/debian_version",
  ...OLDER_FILES.map(([path]) => path),
];
// By the last name, which is all that is looked at of most of an image's files.
const BY_NAME: ReadonlyMap<string, readonly string[]> = Map.groupBy(PATHS, (path) =>
  path.slice(path.lastIndexOf("/") + 1),
);
const MAX_BYTES = 64 * 1024;

/** Captures what names the distribution, of the image and of file systems inside it. Packages come from others. */
export const osRelease: Cataloger = {
  name: "os-release",
  wants: ({ path, size }) => {
    const tails = BY_NAME.get(path.slice(path.lastIndexOf("/") + 1));
    const isWanted = tails?.some((tail) => path === tail || path.endsWith(`/${tail}`));
    return isWanted === true ? keepWhole(size, MAX_BYTES, "os-release") : undefined;
  },
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
