import type { CapturedFile } from "#sbom/cataloger.ts";
import { locateNpmFile } from "#sbom/npm/locateNpmFile.ts";
import { readHiddenLock } from "#sbom/npm/readHiddenLock.ts";
import type { LockEntry } from "#sbom/npm/readHiddenLock.ts";
import { readPnpmLock } from "#sbom/npm/readPnpmLock.ts";
import type { Memories, Memory } from "#sbom/npm/readPnpmLock.ts";
import { readYarnIntegrity } from "#sbom/npm/readYarnIntegrity.ts";
import type { Unknown } from "#sbom/package.ts";
import { readOrState } from "#sbom/readOrState.ts";

/** What the package managers' own files remember of a package that stands in a directory. */
export type Remember = (
  directory: string,
  name: string,
  version: string | undefined,
) => (Memory & Partial<Pick<LockEntry, "dependencies">>) | undefined;

/** Reads what npm, pnpm and Yarn 1 left beside the packages; a memory of another version is none. */
export const rememberInstalls = (files: readonly CapturedFile[], unknowns: Unknown[]): Remember => {
  const byDirectory = new Map<string, LockEntry>();
  const byProject = new Map<string, Memories>();
  for (const file of files) {
    const located = locateNpmFile(file.path);
    if (located?.kind === "lock") {
      for (const [path, entry] of readOrState(file, unknowns, readHiddenLock) ?? [])
        byDirectory.set(located.directory === "" ? path : `${located.directory}/${path}`, entry);
    } else if (located?.kind === "pnpm-lock" || located?.kind === "yarn-integrity") {
      const read = located.kind === "pnpm-lock" ? readPnpmLock : readYarnIntegrity;
      const memories = readOrState(file, unknowns, read);
      if (memories !== undefined) byProject.set(located.directory, memories);
    }
  }
  return (directory, name, version) => {
    const entry = byDirectory.get(directory);
    if (entry !== undefined && entry.version === version) return entry;
    const project = byProject.size === 0 ? undefined : findProject(byProject, directory);
    return project?.get(`${name}@${version ?? ""}`);
  };
};

// The innermost project whose node_modules the package stands in.
const findProject = (projects: ReadonlyMap<string, Memories>, directory: string): Memories | undefined => {
  const path = `/${directory}`;
  for (
    let at = path.lastIndexOf("/node_modules/");
    at >= 0;
    at = at === 0 ? -1 : path.lastIndexOf("/node_modules/", at - 1)
  ) {
    const found = projects.get(path.slice(1, Math.max(at, 1)));
    if (found !== undefined) return found;
  }
  return undefined;
};
