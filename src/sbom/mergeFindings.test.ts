import { describe, expect, it } from "vitest";
import type { Findings } from "#sbom/cataloger.ts";
import { mergeFindings } from "#sbom/mergeFindings.ts";
import type { Package } from "#sbom/package.ts";

const one = (id: string, path: string, layer: number, more: Partial<Package> = {}): Package => ({
  id,
  type: "npm",
  name: id,
  version: "1",
  purl: id,
  licenses: [],
  occurrences: [{ path, layer }],
  introducedIn: layer,
  foundBy: "npm",
  ...more,
});
const findings = (more: Partial<Findings>): Findings => ({
  packages: [],
  edges: [],
  unknowns: [],
  completeness: "complete",
  ...more,
});

describe("mergeFindings", () => {
  it("makes one package of each id: all places, the first layer, and what any of them knows", () => {
    const merged = mergeFindings("complete", [
      findings({ packages: [one("b", "2", 2), one("a", "x", 0)], direct: ["b"] }),
      findings({ packages: [one("b", "1", 1, { supplier: "s" }), one("b", "2", 2)], direct: ["b"] }),
    ]);
    expect(merged.packages.map(({ id }) => id)).toEqual(["a", "b"]);
    expect(merged.packages[1]).toMatchObject({
      occurrences: [
        { path: "1", layer: 1 },
        { path: "2", layer: 2 },
      ],
      introducedIn: 1,
      supplier: "s",
    });
    expect(merged.direct).toEqual(["b"]);
    expect(merged.completeness).toBe("complete");
  });

  it("keeps each edge once, in order, and none to itself", () => {
    const edges = [
      { from: "b", to: "a" },
      { from: "a", to: "b" },
      { from: "b", to: "a" },
      { from: "a", to: "a" },
    ];
    expect(mergeFindings("complete", [findings({ edges })]).edges).toEqual([
      { from: "a", to: "b" },
      { from: "b", to: "a" },
    ]);
  });

  it("is not complete with a gap", () => {
    const unknowns = [{ path: "x", layer: 0, reason: "cut" }];
    expect(mergeFindings("complete", [findings({}), findings({ unknowns })]).completeness).toBe("incomplete");
  });
});
