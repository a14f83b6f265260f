import { compareText } from "#sbom/compareText.ts";
import type { Edge, Package } from "#sbom/package.ts";

export interface Dependency {
  readonly ref: string;
  readonly dependsOn: readonly string[];
}

/** What a document links. */
export interface Linked {
  readonly root: string;
  /** Components that belong to the root itself, such as the distribution. */
  readonly parts: readonly string[];
  readonly packages: readonly Package[];
  readonly edges: readonly Edge[];
  readonly direct: readonly string[];
}

/**
 * An entry for every component, empty for a leaf, so that "needs nothing" can be told from "not known". The root needs what
 * was asked for and whatever nothing else needs; of packages that only need each other, the first.
 */
export const writeDependencies = ({ root, parts, packages, edges, direct }: Linked): readonly Dependency[] => {
  const needs = new Map<string, Set<string>>(packages.map(({ id }) => [id, new Set()]));
  for (const { from, to } of edges) if (from !== to && needs.has(to)) needs.get(from)?.add(to);
  const tops = [...parts, ...topsOf(needs, direct)];
  const leaves = parts.map((ref) => ({ ref, dependsOn: [] }));
  const entries = [...needs].map(([ref, to]) => ({ ref, dependsOn: [...to].toSorted(compareText) }));
  return [
    { ref: root, dependsOn: [...new Set(tops)].toSorted(compareText) },
    ...[...leaves, ...entries].toSorted((a, b) => compareText(a.ref, b.ref)),
  ];
};

const topsOf = (needs: ReadonlyMap<string, ReadonlySet<string>>, direct: readonly string[]): readonly string[] => {
  const needed = new Set([...needs.values()].flatMap((to) => [...to]));
  const tops = [...direct.filter((id) => needs.has(id)), ...[...needs.keys()].filter((id) => !needed.has(id))];
  const reached = new Set<string>();
  for (const top of tops) reach(needs, top, reached);
  for (const id of [...needs.keys()].toSorted(compareText)) {
    if (reached.has(id)) continue;
    tops.push(id);
    reach(needs, id, reached);
  }
  return tops;
};

const reach = (needs: ReadonlyMap<string, ReadonlySet<string>>, start: string, reached: Set<string>): void => {
  const waiting = [start];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (reached.has(id)) continue;
    reached.add(id);
    waiting.push(...(needs.get(id) ?? []));
  }
};
