import { compareText } from "#sbom/compareText.ts";
import type { CycloneDxVersion } from "#sbom/cyclonedx/version.ts";
import type { Sbom } from "#sbom/sbom.ts";

/** How complete a part of the document is. */
export interface Composition {
  readonly "bom-ref"?: string;
  readonly aggregate: "complete" | "incomplete" | "unknown";
  readonly assemblies?: readonly string[];
  readonly dependencies?: readonly string[];
}

/**
 * What is in the image is never called complete: kinds of packages that nobody looked for may be there, and stated gaps
 * make it incomplete for sure. The edges of packages are as complete as the cataloger that found them says, one composition for
 * each that found any.
 */
export const writeCompositions = (sbom: Sbom, root: string, version: CycloneDxVersion): readonly Composition[] => {
  const whole = sbom.unknowns.length > 0 ? "incomplete" : "unknown";
  const found = Map.groupBy(sbom.packages, ({ foundBy }) => foundBy);
  const byCataloger = [...found].toSorted(([a], [b]) => compareText(a, b));
  return [
    { aggregate: whole, assemblies: [root], dependencies: [root] },
    ...byCataloger.map(([name, packages]) => ({
      // 1.4 has no names for compositions.
      ...(version === "1.4" ? {} : { "bom-ref": `composition:${name}` }),
      aggregate: sbom.completeness[name] ?? "unknown",
      dependencies: packages.map(({ id }) => id).toSorted(compareText),
    })),
  ];
};
