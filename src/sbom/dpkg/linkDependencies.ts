import type { DpkgRecord } from "#sbom/dpkg/readStatus.ts";
import type { Edge } from "#sbom/package.ts";

/** An installed package and the id it has in the document. */
export interface Installed {
  readonly id: string;
  readonly record: DpkgRecord;
}

/**
 * Edges for Depends and Pre-Depends among the packages of one database: to every alternative that is installed, by name
 * or by what it provides. Version restrictions need no check: dpkg has made sure of them.
 */
export const linkDependencies = (installed: readonly Installed[]): readonly Edge[] => {
  const providers = new Map<string, Installed[]>();
  const add = (name: string, one: Installed): void => {
    const known = providers.get(name);
    if (known === undefined) providers.set(name, [one]);
    else known.push(one);
  };
  for (const one of installed) {
    for (const name of new Set([one.record.name, ...relationNames(one.record.provides)])) add(name, one);
  }
  return installed.flatMap((from) =>
    [...new Set(from.record.depends.flatMap(relationNames))].flatMap((name) =>
      sameArchitecture(from, providers.get(name) ?? []).map((to) => ({ from: from.id, to: to.id })),
    ),
  );
};

// Debian Policy 7.1: `name:any (>= 1) [amd64] <profile> | other, next`.
const relationNames = (field: string): readonly string[] =>
  field
    .split(/[,|]/)
    .map((relation) => /^[^\s(:[<]+/.exec(relation.trim())?.[0] ?? "")
    .filter((name) => name !== "");

// With several architectures installed, a dependency means its own one unless only another is there.
const sameArchitecture = (from: Installed, candidates: readonly Installed[]): readonly Installed[] => {
  const same = candidates.filter(({ record }) => fits(from.record.architecture, record.architecture));
  return same.length > 0 ? same : candidates;
};

const fits = (wanted: string | undefined, offered: string | undefined): boolean =>
  wanted === offered || wanted === "all" || offered === "all";
