import type { FindOwners, ImageView } from "#sbom/cataloger.ts";
import { canonicalPaths } from "#sbom/canonicalPaths.ts";
import type { DescribedDeb } from "#sbom/dpkg/describeDatabase.ts";
import type { DpkgDatabase, DpkgFileList } from "#sbom/dpkg/findDatabases.ts";
import { ownedPaths } from "#sbom/dpkg/ownedPaths.ts";

/** Which files belong to packages of a database, by dpkg's lists and chisel's manifest. */
export const findOwned =
  (view: ImageView, { fileLists, root }: DpkgDatabase, installed: readonly DescribedDeb[]): FindOwners =>
  (files) => {
    const canonical = canonicalPaths(view);
    const names = new Set([...files].map((path) => path.slice(path.lastIndexOf("/") + 1)));
    const owned = new Map<string, string>();
    const own = (path: string, id: string): void => {
      const real = canonical(`${root}${path}`);
      if (real !== undefined && files.has(real)) owned.set(real, id);
    };
    for (const one of names.size === 0 ? [] : installed) {
      for (const { file, kind } of listsOf(fileLists, one))
        for (const path of ownedPaths(file.bytes, kind, names)) own(path, one.id);
      for (const path of one.chisel?.paths ?? []) own(path, one.id);
    }
    return owned;
  };

// `.list` knows all paths; `.md5sums` and `.conffiles` stand in where there is none. Of status.d the lists are named after
// the stanza's file, which need not be named after the package (rules_docker wrote them in base64).
const listsOf = (fileLists: DpkgDatabase["fileLists"], { record, place }: DescribedDeb): readonly DpkgFileList[] => {
  const keys = [record.name, `${record.name}:${record.architecture ?? ""}`, place.path];
  const lists = keys.map((key) => fileLists.get(key)).find((found) => found !== undefined) ?? [];
  const whole = lists.filter(({ kind }) => kind === "list");
  return whole.length > 0 ? whole : lists;
};
