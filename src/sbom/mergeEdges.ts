import { compareText } from "#sbom/compareText.ts";
import type { Edge } from "#sbom/package.ts";

/** Each edge once, none of a package to itself, in order. */
export const mergeEdges = (edges: Iterable<Edge>): readonly Edge[] => {
  const seen = new Map<string, Edge>();
  for (const edge of edges) if (edge.from !== edge.to) seen.set(`${edge.from}\n${edge.to}`, edge);
  return [...seen.values()].sort((a, b) => compareText(a.from, b.from) || compareText(a.to, b.to));
};
