import type { FindOwners } from "#sbom/cataloger.ts";
import type { Package } from "#sbom/package.ts";

/**
 * Names the owner of each package whose evidence belongs to another one, as a distribution's package owns the dist-info of a
 * Python module (sbom.md 4.9). Only where every place of the package is owned: one that is also installed beside the
 * distribution's copy is its own. Packages of `owners` own and are not owned.
 */
export const markOwned = (
  packages: readonly Package[],
  findOwners: FindOwners,
  owners: ReadonlySet<string>,
): readonly Package[] => {
  const claimed = packages.filter((one) => !owners.has(one.foundBy));
  const owned = findOwners(new Set(claimed.flatMap((one) => one.occurrences.map(({ path }) => path))));
  return packages.map((one) => {
    if (owners.has(one.foundBy)) return one;
    const found = one.occurrences.map(({ path }) => owned.get(path));
    const [first] = found;
    return first === undefined || found.includes(undefined) ? one : { ...one, ownedBy: first };
  });
};
