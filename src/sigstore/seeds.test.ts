import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { SEED_RELEASE, readPublicGoodSeed } from "#sigstore/publicGoodSeed.ts";
import { readStagingRoot } from "#sigstore/stagingRoot.ts";
import { acceptFirstRoot } from "#sigstore/tuf/acceptMetadata.ts";

describe("the embedded roots", () => {
  it("sign themselves", () => {
    expect(acceptFirstRoot(readPublicGoodSeed().root, "public").version).toBe(16);
    expect(acceptFirstRoot(readStagingRoot(), "staging").version).toBe(14);
  });

  it("are as old as the pinned release that brought them", () => {
    const { devDependencies } = JSON.parse(readFileSync("package.json", "utf8")) as {
      devDependencies: Record<string, string>;
    };
    // A new release has another date, which `npm view @sigstore/tuf time` tells.
    expect(devDependencies["@sigstore/tuf"]).toBe(SEED_RELEASE.version);
    expect(readPublicGoodSeed().taken.toISOString()).toBe("2026-11-05T00:19:12.000Z");
  });

  it("come with a trusted root", () => {
    const document = JSON.parse(Buffer.from(readPublicGoodSeed().trustedRoot).toString()) as { mediaType: string };
    expect(document.mediaType).toBe("application/vnd.dev.sigstore.trustedroot+json;version=0.1");
  });
});
