import { describe, expect, it } from "vitest";
import { compareVersions, parseVersion } from "#sbom/python/compareVersions.ts";

describe("compareVersions", () => {
  // The order that PEP 440 gives as its example ("Summary of permitted suffixes and relative ordering"), and epochs.
  const ordered =
    "1.dev0 1.0.dev456 1.0a1 1.0a2.dev456 1.0a12.dev456 1.0a12 1.0b1.dev456 1.0b2 1.0b2.post345.dev456 1.0b2.post345 1.0rc1.dev456 1.0rc1 1.0 1.0.post456.dev34 1.0.post456 1.1.dev1 1.10 1!0.1".split(
      " ",
    );

  it("orders as PEP 440 does", () => {
    const versions = ordered.map((text) => parseVersion(text));
    for (const [index, a] of versions.entries())
      for (const b of versions.slice(index + 1)) {
        if (a === undefined || b === undefined) throw new TypeError("no version");
        expect([compareVersions(a, b), compareVersions(b, a)]).toEqual([-1, 1]);
      }
  });

  it.each([
    ["1.0", "1.0.0"],
    ["1.0alpha1", "1.0a1"],
    ["1.0-1", "1.0.post1"],
    ["v1.0", "1"],
    ["1.0c1", "1.0rc1"],
  ])("takes %s for %s", (a, b) => {
    const [left, right] = [parseVersion(a), parseVersion(b)];
    expect(left && right && compareVersions(left, right)).toBe(0);
  });

  it.each(["", "x", "1..0", "1.0~1", "1.0 1"])("%j is none", (text) => expect(parseVersion(text)).toBeUndefined());
});
