import type { JoinedFindings } from "#sbom/joinFindings.ts";
import { mergeEdges } from "#sbom/mergeEdges.ts";
import { mergePackages } from "#sbom/mergePackages.ts";
import type { Package } from "#sbom/package.ts";

/**
 * The findings of the image as each layer left it, base first, as one. What the last one has is what a container sees;
 * packages that only earlier ones have are still shipped with their layers, and say which layer took them away.
 */
export const joinScopes = (steps: readonly JoinedFindings[]): JoinedFindings => {
  const last = steps.at(-1) ?? NOTHING;
  if (steps.length < 2) return last;
  const known = new Set(last.packages.map(({ id }) => id));
  const removed: Package[] = [];
  const edges = [...last.edges];
  for (const [layer, step] of [...steps.entries()].toReversed()) {
    for (const found of step.packages) {
      if (known.has(found.id)) continue;
      known.add(found.id);
      removed.push({ ...found, removedIn: layer + 1 });
    }
    edges.push(...step.edges);
  }
  const gone = new Set(removed.map(({ id }) => id));
  return {
    ...last,
    packages: mergePackages([...last.packages, ...removed]),
    edges: mergeEdges([...last.edges, ...edges.filter(({ from }) => gone.has(from))]),
    unknowns: [...new Map(steps.flatMap((step) => step.unknowns).map((one) => [JSON.stringify(one), one])).values()],
  };
};

const NOTHING: JoinedFindings = { packages: [], edges: [], unknowns: [], completeness: {}, gaps: {}, direct: [] };
