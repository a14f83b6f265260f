import { describe, expect, it } from "vitest";
import type { Package } from "#sbom/package.ts";
import { checkContent } from "#app/checkContent.ts";

const content = (bytes: number, packages: number) => ({
  document: new Uint8Array(bytes),
  platform: { os: "linux", architecture: "amd64" },
  packages: Array<Package>(packages),
  unknowns: [],
});

describe("checkContent", () => {
  it("takes what is as large as it may be", () => {
    const large = content(64 * 1024 * 1024, 100_000);
    expect(checkContent(large)).toBe(large.document);
  });

  it.each([
    [content(1, 100_001), "the image has 100001 packages, the service takes 100000; issue its papers"],
    [content(64 * 1024 * 1024 + 1, 1), "the image has an SBOM of 67108865 bytes, the service takes 67108864; issue"],
  ])("names the limit and what to do", (large, message) => {
    expect(() => checkContent(large)).toThrow(expect.objectContaining({ code: "LIMIT_EXCEEDED" }));
    expect(() => checkContent(large)).toThrow(message);
  });
});
