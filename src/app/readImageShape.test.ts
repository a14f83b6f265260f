import { describe, expect, it } from "vitest";
import type { Repository } from "#core/content.ts";
import { digestOf } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import { rawManifest } from "#core/manifest.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { readImageShape } from "#app/readImageShape.ts";
import { codeOfPromise } from "../../test/fakes/codeOfPromise.ts";
import { pushImage, pushIndex } from "../../test/fakes/memoryRepositories.ts";
import { createMemoryRepository } from "../../test/fakes/memoryRepository.ts";
import { testCtx } from "../../test/fakes/testCtx.ts";

const ctx = testCtx();
const LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar";

interface Pushed {
  readonly config?: object;
  readonly configType?: string;
  readonly layers?: number;
  readonly layerType?: string;
}

/** Pushes an image of layers that nobody can read, with a config of the test's choice. */
const push = async (repository: Repository, pushed: Pushed = {}) => {
  const layers = Array.from({ length: pushed.layers ?? 2 }, (_, at) => ({
    mediaType: pushed.layerType ?? LAYER_TYPE,
    digest: digestOf(`layer ${at}`),
    size: 100 + at,
  }));
  const rootfs = { type: "layers", diff_ids: layers.map(({ digest }) => digest) };
  const config = Buffer.from(
    JSON.stringify({ os: "linux", architecture: "arm64", variant: "v8", rootfs, ...pushed.config }),
  );
  const descriptor = { digest: digestOf(config), size: config.length };
  await repository.writeBlob(ctx, descriptor, config);
  const body = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.ociManifest,
    config: { mediaType: pushed.configType ?? MEDIA_TYPE.ociConfig, ...descriptor },
    layers,
  };
  const raw = rawManifest(Buffer.from(JSON.stringify(body)), MEDIA_TYPE.ociManifest);
  await repository.writeManifest(ctx, raw, "latest");
  return raw.digest;
};

const shapeOf = async (pushed?: Pushed) => {
  const repository = createMemoryRepository("registry.example/builds/my-app");
  return readImageShape(ctx, { tenant: "default", repository, subject: await push(repository, pushed) });
};

describe("readImageShape", () => {
  it("reads platform and layers, and leaves out the steps that made none", async () => {
    const history = [
      { created: "2024-01-01T00:00:00.123456789Z", created_by: "ADD rootfs.tar /" },
      { created: "2024-01-01T00:00:01Z", created_by: "ENV A=1", empty_layer: true },
      { created: "2024-01-01T02:00:02+02:00", created_by: "COPY . /app" },
    ];
    expect(await shapeOf({ config: { history } })).toEqual({
      tenant: "default",
      digest: expect.stringMatching(/^sha256:/),
      mediaType: MEDIA_TYPE.ociManifest,
      platform: "linux/arm64/v8",
      layers: [
        {
          digest: digestOf("layer 0"),
          size: 100,
          mediaType: LAYER_TYPE,
          createdBy: "ADD rootfs.tar /",
          createdAt: Date.parse("2024-01-01T00:00:00.123Z"),
        },
        {
          digest: digestOf("layer 1"),
          size: 101,
          mediaType: LAYER_TYPE,
          createdBy: "COPY . /app",
          createdAt: Date.parse("2024-01-01T00:00:02Z"),
        },
      ],
      images: [],
    });
  });

  it("believes no history that does not fit", async () => {
    const shape = await shapeOf({ config: { history: [{ created_by: "one for two" }] } });
    expect(shape?.layers.map(({ createdBy, createdAt }) => [createdBy, createdAt])).toEqual(
      Array(2).fill([undefined, undefined]),
    );
  });

  it.each([
    ["0001-01-01T00:00:00Z", undefined],
    ["9999-12-31T23:59:59-01:00", undefined],
    ["0000-06-01T00:00:00Z", undefined],
    ["2024-13-01T00:00:00Z", undefined],
    ["yesterday", undefined],
    ["7", undefined],
    ["9999-12-31T23:59:59Z", 253_402_300_799_000],
  ])("takes %s for the time %s", async (created, at) => {
    const shape = await shapeOf({ layers: 1, config: { history: [{ created }] } });
    expect(shape?.layers.map(({ createdAt }) => createdAt)).toEqual([at]);
  });

  it("keeps what the image's author chose short and without controls", async () => {
    const shape = await shapeOf({
      layers: 1,
      layerType: `a\u0000${"b".repeat(5000)}`,
      config: { os: `\u001b[31m${"o".repeat(5000)}`, history: [{ created_by: `a\u0000\n${"x".repeat(5000)}` }] },
    });
    expect(shape?.platform).toBe(`\uFFFD[31m${"o".repeat(195)}`);
    expect(shape?.layers[0]?.createdBy).toBe(`a\uFFFD\uFFFD${"x".repeat(2045)}`);
    expect(shape?.layers[0]?.mediaType).toBe(`a\uFFFD${"b".repeat(253)}`);
  });

  it("lists the images of an index, and no attestations", async () => {
    const repository = createMemoryRepository("registry.example/builds/my-app");
    const images = [await pushImage(ctx, repository, undefined, "a"), await pushImage(ctx, repository, undefined, "b")];
    const child = await pushImage(ctx, repository, undefined, "attestation");
    const subject = await pushIndex(ctx, repository, "latest", images, child);
    expect(await readImageShape(ctx, { tenant: "default", repository, subject })).toMatchObject({
      mediaType: MEDIA_TYPE.ociIndex,
      platform: undefined,
      layers: [],
      images: [
        { digest: images[0], platform: "linux/amd64" },
        { digest: images[1], platform: "linux/arm64" },
      ],
    });
  });

  it("reads an artifact that is no container image, and one whose config lies", async () => {
    expect(await shapeOf({ configType: "application/vnd.helm.config.v1+json" })).toMatchObject({
      platform: undefined,
      layers: [{ createdBy: undefined }, { createdBy: undefined }],
    });
    expect(await shapeOf({ config: { rootfs: { diff_ids: [] } } })).toMatchObject({ platform: undefined });
  });

  it("knows nothing of an image that is gone, or has more layers than any", async () => {
    const repository = createMemoryRepository("registry.example/builds/my-app");
    expect(await readImageShape(ctx, { tenant: "default", repository, subject: digestOf("none") })).toBeUndefined();
    expect(await shapeOf({ layers: 513 })).toBeUndefined();
    expect((await shapeOf({ layers: 512 }))?.layers).toHaveLength(512);
  });

  it("throws where the registry does not answer", async () => {
    const repository = createMemoryRepository("registry.example/builds/my-app");
    const subject = await push(repository);
    const down: Repository = {
      ...repository,
      readManifest: () => Promise.reject(new WaybillError("NETWORK_FAILED", "on purpose")),
    };
    expect(await codeOfPromise(readImageShape(ctx, { tenant: "default", repository: down, subject }))).toBe(
      "NETWORK_FAILED",
    );
  });
});
