import { describe, expect, it } from "vitest";
import { WaybillError } from "#core/errors.ts";
import { digestOf, parseDigest } from "#core/digest.ts";
import { writeCycloneDx } from "#sbom/cyclonedx.ts";
import type { CycloneDxVersion } from "#sbom/cyclonedx/version.ts";
import type { ImageScan } from "#sbom/scanImage.ts";
import { schemaErrors } from "../fakes/cyclonedxSchema.ts";
import { testCtx } from "../fakes/testCtx.ts";
import { compareGolden, imagesMissing, openGoldenLayout, readGoldenImages, scanGolden } from "./goldenImages.ts";
import type { GoldenImage } from "./goldenImages.ts";

// Real and hostile images whose content is known (../shared/data/images): today's catalogers find exactly what is there.

const scan = async (golden: GoldenImage): Promise<ImageScan | number> => {
  const ctx = testCtx();
  try {
    return await scanGolden(ctx, await openGoldenLayout(ctx), golden.digest);
  } catch (error) {
    if (error instanceof WaybillError && golden.hostile !== undefined) return error.exitCode;
    throw error;
  }
};

const VERSIONS = ["1.4", "1.5", "1.6"] as const;
const VALIDATORS = { "1.4": schemaErrors("1.4"), "1.5": schemaErrors("1.5"), "1.6": schemaErrors("1.6") };

const documentOf = ({ name, digest }: GoldenImage, found: ImageScan, version: CycloneDxVersion): unknown => {
  const [config, platform] = [digestOf("config"), { os: "linux", architecture: "amd64" }];
  const image = { name, digest: parseDigest(digest), platform, configDigest: config, created: undefined };
  return JSON.parse(Buffer.from(writeCycloneDx({ ...found, image, base: undefined }, version, "1")).toString());
};

const images = readGoldenImages();
const honest = images.filter(({ hostile }) => hostile === undefined);
const hostile = images.filter((image) => image.hostile !== undefined);

describe.skipIf(imagesMissing)("golden images", () => {
  it("are all there", () => {
    expect(honest.length).toBeGreaterThan(40);
    expect(hostile.length).toBeGreaterThan(30);
  });

  it.each(honest.map((image) => [image.name, image] as const))("%s: exactly what is in it", async (_, image) => {
    const found = (await scan(image)) as ImageScan;
    expect(compareGolden(image, found.packages)).toEqual({ missing: [], wrong: [] });
    const purls = found.packages.map(({ purl }) => purl.replace(/\?.*/, ""));
    for (const absent of image.absent ?? [])
      expect(purls.filter((purl) => purl === absent || purl.startsWith(`${absent}@`))).toEqual([]);
    expect(new Set(found.packages.map(({ id }) => id)).size).toBe(found.packages.length);
    const ids = new Set(found.packages.map(({ id }) => id));
    for (const { from, to } of found.edges) expect([ids.has(from), ids.has(to)]).toEqual([true, true]);
    expect(VERSIONS.flatMap((version) => VALIDATORS[version](documentOf(image, found, version)))).toEqual([]);
  });

  it.each(hostile.map((image) => [image.name, image] as const))(
    "%s: is survived",
    async (_, image) => {
      const started = performance.now();
      const found = await scan(image);
      const exit = typeof found === "number" ? found : 0;
      expect(image.hostile?.exit).toContain(exit);
      const { missing } = typeof found === "number" ? { missing: [] } : compareGolden(image, found.packages);
      expect(missing).toEqual([]);
      expect((performance.now() - started) / 1000).toBeLessThan(image.hostile?.seconds ?? 0);
    },
    30_000,
  );
});
