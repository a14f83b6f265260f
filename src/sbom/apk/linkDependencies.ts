import { dependencyNames } from "#sbom/apk/dependencyNames.ts";
import type { InstalledApk } from "#sbom/apk/providersOf.ts";
import type { Edge } from "#sbom/package.ts";

/** Edges for the D lines among the packages of one database. */
export const linkDependencies = (
  installed: readonly InstalledApk[],
  providers: ReadonlyMap<string, readonly string[]>,
): readonly Edge[] =>
  installed.flatMap(({ id, record }) =>
    dependencyNames(record.depends).flatMap((name) => (providers.get(name) ?? []).map((to) => ({ from: id, to }))),
  );
