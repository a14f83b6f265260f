import type { Edge } from "#sbom/package.ts";
import type { ComposerPackage } from "#sbom/php/readInstalled.ts";

export interface InstalledComposer {
  readonly id: string;
  readonly record: ComposerPackage;
}

/** Edges of one vendor directory, and whether each requirement was found in it. */
export interface LinkedComposer {
  readonly edges: readonly Edge[];
  readonly isComplete: boolean;
}

/**
 * Edges by `require`. A name that no package has may be one that packages provide or replace; names without a slash are the
 * platform (`php`, `ext-json`) and no packages.
 */
export const linkRequires = (installed: readonly InstalledComposer[]): LinkedComposer => {
  const byName = new Map<string, string[]>();
  for (const { id, record } of installed) {
    for (const name of record.provides) byName.set(name, [...(byName.get(name) ?? []), id].slice(0, MAX_PROVIDERS));
  }
  for (const { id, record } of installed) byName.set(record.name.toLowerCase(), [id]);
  let isComplete = true;
  const edges = installed.flatMap(({ id, record }) =>
    record.requires.flatMap((name) => {
      const found = byName.get(name);
      if (found === undefined) isComplete = false;
      return (found ?? []).map((to) => ({ from: id, to }));
    }),
  );
  return { edges, isComplete };
};

// Of one virtual name; honest projects have one or two.
const MAX_PROVIDERS = 20;
