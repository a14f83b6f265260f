import type { FindOwners } from "#sbom/cataloger.ts";
import type { Package } from "#sbom/package.ts";

/** Where a package's evidence belongs to others: ids of the owners by path, for every place; else it is its own. */
export type OwnersOf = (found: Package) => ReadonlyMap<string, string> | undefined;

/**
 * Asks who owns the files in which packages were found (reference 4.9). A package counts as owned only where every place of it
 * is: one that is also installed beside the distribution's copy is its own.
 */
export const findOwners = (packages: readonly Package[], owned: FindOwners): OwnersOf => {
  const files = new Set(packages.flatMap((found) => found.occurrences.flatMap(({ path }) => candidatesOf(path))));
  const owners = owned(files);
  return (found) => {
    const byPath = new Map<string, string>();
    for (const { path } of found.occurrences) {
      const owner = candidatesOf(path)
        .map((file) => owners.get(file))
        .find((id) => id !== undefined);
      if (owner === undefined) return undefined;
      byPath.set(path, owner);
    }
    return byPath;
  };
};

/** The path itself, and the archive that it leads into (`app.war:WEB-INF/lib/x.jar`): databases know files alone. */
const candidatesOf = (path: string): readonly string[] => {
  const colon = path.indexOf(":");
  return colon < 0 ? [path] : [path, path.slice(0, colon)];
};
