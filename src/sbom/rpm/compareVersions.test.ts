import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareVersions } from "#sbom/rpm/compareVersions.ts";
import { isSatisfied } from "#sbom/rpm/isSatisfied.ts";

describe("compareVersions", () => {
  // In ascending order (rpm's own tests of rpmvercmp, tests/rpmvercmp.at, state the same relations).
  it.each([
    ["1.0~rc1", "1.0", "1.0^git1", "1.0.1"],
    ["1.0~rc1~git", "1.0~rc1", "1.0~rc2", "1.0", "1.0a", "1.0.0"],
    ["5.5p1", "5.5p2", "5.5p10", "10.1"],
    ["xyz", "xyz10", "10xyz"],
    ["1b.fc17", "1.fc17"],
    ["20101121", "20101122"],
    ["1.0^20160101", "1.0^20160101^git1", "1.0.1"],
    ["0.09", "0.10"],
    ["2", "18446744073709551616", "18446744073709551617"],
  ])("%s is older than the ones after it", (...versions) => {
    for (const [index, one] of versions.entries())
      for (const [place, other] of versions.entries())
        expect(Math.sign(compareVersions(one, other))).toBe(Math.sign(index - place));
  });

  it("sees no difference in separators and leading zeros", () => {
    expect(compareVersions("1.0_2", "1-0.02")).toBe(0);
    expect(compareVersions("1.", "1")).toBe(0);
  });

  it("is an order", () => {
    const version = fc.string({ unit: fc.constantFrom("0", "1", "2", "a", "b", ".", "~", "^"), maxLength: 6 });
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        expect(Math.sign(compareVersions(a, b)) + Math.sign(compareVersions(b, a))).toBe(0);
        const sorted = [a, b, c].toSorted(compareVersions);
        expect(compareVersions(sorted[0] ?? "", sorted[2] ?? "")).toBeLessThanOrEqual(0);
      }),
    );
  });
});

describe("isSatisfied", () => {
  const [less, greater, equal] = [2, 4, 8];
  it.each([
    [["x"], ["x", equal, "1-1"], true],
    [["x", equal, "1"], ["x"], true],
    [["x", equal, "1"], ["x", equal, "1-7"], true],
    [["x", equal, "1-1"], ["x", equal, "1-7"], false],
    [["x", greater | equal, "1:0"], ["x", equal, "9"], false],
    [["x", greater | equal, "0:8"], ["x", equal, "9-1"], true],
    [["x", greater, "9-1"], ["x", equal, "9-1"], false],
    [["x", less, "9"], ["x", equal, "9~rc1"], true],
    [["x", less | equal, "4.6"], ["x", greater, "5"], false],
    [["x", greater | equal, "4.6"], ["x", greater, "1"], true],
  ] as const)("%j by %j: %s", (required, provided, fits) => expect(isSatisfied(required, provided)).toBe(fits));
});
