import { describe, expect, it } from "vitest";
import type { Repository } from "#core/content.ts";
import { digestOf } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { rawManifest } from "#core/manifest.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { parseReference } from "#core/reference.ts";
import { describeIndex } from "#app/describeIndex.ts";
import { listIndex } from "#app/listIndex.ts";
import type { IndexFile } from "#app/listIndex.ts";
import { resolveImage } from "#app/resolveImage.ts";
import { writeCycloneDx } from "#sbom/cyclonedx.ts";
import { createMemoryRepositories, pushImage } from "../../test/fakes/memoryRepositories.ts";
import { testCtx } from "../../test/fakes/testCtx.ts";

const ctx = testCtx();
const NAME = "registry.example/acme/app";

const put = async (repository: Repository, body: object, mediaType: string, tag?: string): Promise<Digest> => {
  const raw = rawManifest(Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...body })), mediaType);
  await repository.writeManifest(ctx, raw, tag);
  return raw.digest;
};

const childOf = async (repository: Repository, digest: Digest, architecture: string, more: object = {}) => ({
  mediaType: MEDIA_TYPE.ociManifest,
  digest,
  size: (await repository.readManifest(ctx, digest))?.bytes.byteLength ?? 0,
  platform: { os: architecture === "unknown" ? "unknown" : "linux", architecture },
  ...more,
});

/** An attestation manifest as BuildKit makes it, about an image. */
const attestationOf = async (repository: Repository, image: Digest, ...types: readonly string[]) => {
  const config = { mediaType: MEDIA_TYPE.ociConfig, digest: digestOf("{}"), size: 2 };
  const layers = types.map((type) => ({
    mediaType: "application/vnd.in-toto+json",
    digest: digestOf(type),
    size: 10,
    annotations: type === "" ? {} : { "in-toto.io/predicate-type": type },
  }));
  const digest = await put(repository, { config, layers }, MEDIA_TYPE.ociManifest);
  const annotations = {
    "vnd.docker.reference.type": "attestation-manifest",
    "vnd.docker.reference.digest": image,
  };
  return childOf(repository, digest, "unknown", { annotations });
};

const list = async (repositories: ReturnType<typeof createMemoryRepositories>, tag: string) => {
  const input = { reference: parseReference(`${NAME}:${tag}`), access: "read" } as const;
  const index = await resolveImage({ repositories })(ctx, input);
  return listIndex({
    list: async (_, { digest }) => {
      const platform = { os: "linux", architecture: "amd64" };
      const image = { name: "acme/app", digest, platform, configDigest: digest, created: undefined };
      const scan = { layers: [], packages: [], edges: [], unknowns: [], completeness: {}, gaps: {}, direct: [] };
      const document = writeCycloneDx({ ...scan, image, distro: undefined, base: undefined }, "1.6", "1");
      return { document, platform, packages: [], unknowns: [] };
    },
    describe: (inner, one, made) =>
      describeIndex(inner, { index: one, made, format: "1.6", name: undefined, version: "1" }),
  })(ctx, index);
};

const contentOf = (file: IndexFile | undefined) =>
  JSON.parse(Buffer.from(file?.bytes ?? []).toString()) as {
    readonly components: readonly { readonly version: string; readonly externalReferences: readonly unknown[] }[];
    readonly metadata: { readonly properties?: readonly { readonly value: string }[] };
  };

describe("listIndex", () => {
  it("lists each image and the index, and what a builder put beside them", async () => {
    const repositories = createMemoryRepositories();
    const repository = repositories.at(NAME);
    const [a, b] = [await pushImage(ctx, repository, undefined, "a"), await pushImage(ctx, repository, undefined, "b")];
    const manifests = [
      await childOf(repository, a, "amd64"),
      await childOf(repository, b, "amd64"),
      await attestationOf(repository, b, "https://spdx.dev/Document", ""),
    ];
    await put(repository, { manifests }, MEDIA_TYPE.ociIndex, "1");
    const files = await list(repositories, "1");
    expect(files.map(({ name }) => name)).toEqual([
      `linux-amd64-${a.slice(7, 19)}.cdx.json`,
      `linux-amd64-${b.slice(7, 19)}.cdx.json`,
      "index.cdx.json",
    ]);
    expect(files.map(({ attestations }) => attestations.map((one) => one.predicateType))).toEqual([
      [],
      ["https://spdx.dev/Document", undefined],
      [],
    ]);
    const { components } = contentOf(files[2]);
    expect(components.map((one) => [one.version, one.externalReferences.length])).toEqual([
      [a, 1],
      [b, 3],
    ]);
  });

  it("goes into indexes within an index, and is content with an image alone", async () => {
    const repositories = createMemoryRepositories();
    const repository = repositories.at(NAME);
    const image = await pushImage(ctx, repository, "alone", "a");
    const inner = await put(
      repository,
      { manifests: [await childOf(repository, image, "amd64")] },
      MEDIA_TYPE.ociIndex,
    );
    const child = { ...(await childOf(repository, inner, "")), mediaType: MEDIA_TYPE.ociIndex };
    await put(repository, { manifests: [child] }, MEDIA_TYPE.ociIndex, "outer");
    const files = await list(repositories, "outer");
    expect(files.map(({ name }) => name)).toEqual([
      "linux-amd64.cdx.json",
      `index-${inner.slice(7, 19)}.cdx.json`,
      "index.cdx.json",
    ]);
    expect(contentOf(files[2]).components.map(({ version }) => version)).toEqual([inner]);
    expect((await list(repositories, "alone")).map(({ name }) => name)).toEqual(["linux-amd64.cdx.json"]);
  });

  it("names an attestation manifest that is gone, and goes on", async () => {
    const repositories = createMemoryRepositories();
    const repository = repositories.at(NAME);
    const image = await pushImage(ctx, repository, undefined, "a");
    const lost = await attestationOf(repository, image, "x");
    await repository.deleteManifest(ctx, lost.digest);
    await put(repository, { manifests: [await childOf(repository, image, "amd64"), lost] }, MEDIA_TYPE.ociIndex, "1");
    const files = await list(repositories, "1");
    expect(files[1]?.unknowns.map(({ reason }) => reason)).toEqual([expect.stringContaining(lost.digest)]);
    expect(contentOf(files[1]).metadata.properties?.[0]?.value).toContain(lost.digest);
  });
});
