import { compareText } from "#sbom/compareText.ts";
import type { Sbom } from "#sbom/sbom.ts";

/** How complete a part of the document is. */
export interface Composition {
  readonly aggregate: "complete" | "incomplete" | "unknown";
  readonly assemblies?: readonly string[];
  readonly dependencies?: readonly string[];
}

/**
 * What is in the image is never called complete: kinds of packages that nobody looked for may be there, and stated gaps
 * make it incomplete for sure. The edges of a package are as complete as its cataloger says.
 */
export const writeCompositions = (sbom: Sbom, root: string): readonly Composition[] => {
  const whole = sbom.unknowns.length > 0 ? "incomplete" : "unknown";
  const of = (aggregate: Composition["aggregate"]): readonly Composition[] => {
    const found = sbom.packages.filter(({ foundBy }) => (sbom.completeness[foundBy] ?? "unknown") === aggregate);
    const refs = found.map(({ id }) => id).toSorted(compareText);
    return refs.length === 0 ? [] : [{ aggregate, dependencies: refs }];
  };
  return [
    { aggregate: whole, assemblies: [root], dependencies: [root] },
    ...of("complete"),
    ...of("incomplete"),
    ...of("unknown"),
  ];
};
