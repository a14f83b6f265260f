import { readZipDirectory } from "#archive/readZipDirectory.ts";
import { readZipEntry } from "#archive/readZipEntry.ts";
import { locateNpmFile } from "#sbom/npm/locateNpmFile.ts";
import { readManifest } from "#sbom/npm/readManifest.ts";
import type { NpmManifest } from "#sbom/npm/readManifest.ts";

/** A package in a zip archive of Yarn's cache. */
export interface ArchivedPackage {
  /** Within the archive: `node_modules/@scope/name`. */
  readonly directory: string;
  readonly manifest: NpmManifest;
}

const MAX_ENTRIES = 100_000;
const MAX_PACKAGES = 1000;
const MAX_MANIFEST = 4 * 1024 * 1024;

/**
 * The packages in an archive of Yarn's cache: the one that it is about, and those that this one bundles. INPUT_INVALID or
 * LIMIT_EXCEEDED for an archive or a package.json that cannot be read.
 */
export const readYarnArchive = (bytes: Buffer): readonly ArchivedPackage[] =>
  readZipDirectory(bytes, MAX_ENTRIES)
    .entries.filter(({ name }) => locateNpmFile(name)?.kind === "installed")
    .slice(0, MAX_PACKAGES)
    .map((entry) => ({
      directory: entry.name.slice(0, -"/package.json".length),
      manifest: readManifest(readZipEntry(bytes, entry, MAX_MANIFEST)),
    }));
