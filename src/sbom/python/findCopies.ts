import { isFixturePath } from "#sbom/isFixturePath.ts";
import type { PythonInstallation } from "#sbom/python/collectInstallations.ts";

/** How a package lies below a directory that holds packages itself. */
export interface NestedPlace {
  /** That directory. */
  readonly site: string;
  /** First directory below it: `setuptools` of `setuptools/_vendor`. */
  readonly top: string;
  /** `fixture`: among tests and examples; `copy`: among vendored packages. */
  readonly kind: "fixture" | "copy" | "other";
}

const VENDOR = /(?:^|\/)_?vendor(?:ed|ed_packages)?(?:\/|$)/i;

/** Tells of each site directory how it lies in another one; undefined for one that lies in none. */
export const findCopies = (
  installations: readonly PythonInstallation[],
): ((site: string) => NestedPlace | undefined) => {
  const sites = new Set(installations.map(({ site }) => site));
  const found = new Map<string, NestedPlace | undefined>();
  const look = (path: string): NestedPlace | undefined => {
    for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1)) {
      const site = path.slice(0, at);
      if (!sites.has(site)) continue;
      const between = path.slice(at + 1);
      const kind = isFixturePath(between) ? "fixture" : VENDOR.test(between) ? "copy" : "other";
      return { site, top: between.split("/", 1)[0] ?? "", kind };
    }
    return undefined;
  };
  return (path) => {
    if (!found.has(path)) found.set(path, look(path));
    return found.get(path);
  };
};
