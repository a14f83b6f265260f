import { describe, expect, it } from "vitest";
import { legacyTag } from "#claims/legacyImage.ts";
import type { Repository } from "#core/content.ts";
import { digestOf } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import { manifestDescriptor, rawManifest } from "#core/manifest.ts";
import type { RawManifest } from "#core/manifest.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { createMemoryRepositories, pushImage } from "../../test/fakes/memoryRepositories.ts";
import { testCtx } from "../../test/fakes/testCtx.ts";
import { createTestSigner } from "../../test/fakes/testSigner.ts";
import { growTree } from "#app/growTree.ts";
import type { TreePaper } from "#app/paperTree.ts";
import type { Paper } from "#app/paper.ts";
import { signImages } from "#app/signImages.ts";
import type { Storage } from "#app/storage.ts";

const ctx = testCtx();
const NAME = "registry.example/acme/app";
const REF = `${NAME}:1.0`;

const setUp = async (wrap?: (repository: Repository) => Repository) => {
  const repositories = createMemoryRepositories(wrap);
  const repository = repositories.at(NAME);
  const digest = await pushImage(ctx, repository, "1.0", "content");
  const write = (paper: Paper, storage: Storage = "both", signer = createTestSigner(), reference = REF) =>
    signImages({ repositories, signer })(ctx, {
      references: [reference],
      paper,
      storage,
      recursive: false,
      dryRun: false,
      maxWorkers: 1,
      settleMs: 0,
    });
  const grow = (maxNodes?: number) => growTree({ repositories })(ctx, { reference: REF, maxNodes });
  return { repositories, repository, digest, write, grow };
};

type Bench = Awaited<ReturnType<typeof setUp>>;

const signature = (annotations: Readonly<Record<string, string>> = {}): Paper => ({ kind: "signature", annotations });
const attestation = (text: string): Paper => ({
  kind: "attestation",
  predicateType: "https://example.com/review/v1",
  predicate: Buffer.from(text),
});

/** A referrer of any type, without content of its own. */
const refer = async (
  { repository }: Pick<Bench, "repository">,
  subject: RawManifest,
  artifactType: string,
  layers: readonly object[] = [],
): Promise<RawManifest> => {
  const raw = rawManifest(
    Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: MEDIA_TYPE.ociManifest,
        artifactType,
        config: { mediaType: MEDIA_TYPE.ociEmpty, digest: digestOf("{}"), size: 2 },
        layers,
        subject: manifestDescriptor(subject),
      }),
    ),
    MEDIA_TYPE.ociManifest,
  );
  await repository.writeReferrers(ctx, subject.digest, [raw]);
  return raw;
};

const read = async ({ repository }: Pick<Bench, "repository">, digest: Digest): Promise<RawManifest> => {
  const raw = await repository.readManifest(ctx, digest);
  if (raw === undefined) throw new TypeError("not there");
  return raw;
};

const outline = ({ kind, type, copies, papers }: TreePaper): unknown => [
  kind,
  type.split("/").at(-1),
  copies.map(({ form }) => form).toSorted(),
  ...(papers.length > 0 ? [papers.map(outline)] : []),
];

const countOf = (papers: readonly TreePaper[]): number => papers.reduce((sum, one) => sum + 1 + countOf(one.papers), 0);

describe("growTree", () => {
  it("shows the two copies of a claim as one, and different claims apart", async () => {
    const bench = await setUp();
    await bench.write(signature({ a: "1" }));
    await bench.write(signature({ a: "2" }), "legacy");
    await bench.write(attestation('{"n":1}'));
    await bench.write(attestation('{"n":2}'), "bundle");
    const { tree, failures } = await bench.grow();
    expect(failures).toEqual([]);
    expect(tree.papers.map(outline)).toEqual(
      expect.arrayContaining([
        ["signature", "v1", ["bundle", "legacy"]],
        ["signature", "v1", ["legacy"]],
        ["attestation", "v1", ["bundle", "legacy"]],
        ["attestation", "v1", ["bundle"]],
      ]),
    );
    expect(tree.papers).toHaveLength(4);
  });

  it("pairs signatures of two signers with equal annotations one to one", async () => {
    const bench = await setUp();
    await bench.write(signature());
    await bench.write(signature());
    await bench.write(signature(), "legacy");
    const { tree } = await bench.grow();
    expect(tree.papers.map(({ copies }) => copies.length).toSorted((a, b) => a - b)).toEqual([1, 2, 2]);
  });

  it("shows referrers of any type and what hangs on them", async () => {
    const bench = await setUp();
    const harbor = await refer(bench, await read(bench, bench.digest), "application/vnd.goharbor.harbor.sbom.v1");
    await bench.write(signature(), "both", createTestSigner(), `${NAME}@${harbor.digest}`);
    const { tree } = await bench.grow();
    expect(tree.papers.map(outline)).toEqual([
      ["other", "vnd.goharbor.harbor.sbom.v1", ["referrer"], [["signature", "v1", ["bundle", "legacy"]]]],
    ]);
  });

  it("shows the images of an index, and what BuildKit left beside the image that it is about", async () => {
    const { repositories, repository } = await setUp();
    const image = await read({ repository }, await pushImage(ctx, repository, undefined, "amd64"));
    const other = await read({ repository }, await pushImage(ctx, repository, undefined, "arm64"));
    const layer = (type: string) => ({
      mediaType: MEDIA_TYPE.inToto,
      digest: digestOf(type),
      size: 3,
      annotations: { "in-toto.io/predicate-type": type },
    });
    const build = rawManifest(
      Buffer.from(
        JSON.stringify({
          schemaVersion: 2,
          mediaType: MEDIA_TYPE.ociManifest,
          config: { mediaType: MEDIA_TYPE.ociConfig, digest: digestOf("{}"), size: 2 },
          layers: [layer("https://spdx.dev/Document"), layer("https://slsa.dev/provenance/v0.2")],
        }),
      ),
      MEDIA_TYPE.ociManifest,
    );
    await repository.writeManifest(ctx, build, undefined);
    const members = [
      { ...manifestDescriptor(image), platform: { os: "linux", architecture: "amd64" } },
      { ...manifestDescriptor(other), platform: { os: "linux", architecture: "arm64" } },
      {
        ...manifestDescriptor(build),
        platform: { os: "unknown", architecture: "unknown" },
        annotations: {
          "vnd.docker.reference.type": "attestation-manifest",
          "vnd.docker.reference.digest": image.digest,
        },
      },
      { ...manifestDescriptor(image), platform: { os: "linux", architecture: "386" } },
    ];
    const index = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPE.ociIndex, manifests: members }));
    await repository.writeManifest(ctx, rawManifest(index, MEDIA_TYPE.ociIndex), "1.0");
    const { tree, failures } = await growTree({ repositories })(ctx, { reference: REF });
    expect(failures).toEqual([]);
    expect(tree.papers).toEqual([]);
    expect(tree.images.map(({ platform, repeated = false }) => [platform, repeated])).toEqual([
      ["linux/amd64", false],
      ["linux/arm64", false],
      ["linux/386", true],
    ]);
    expect(tree.images[0]?.papers.map(outline)).toEqual([
      ["build", "Document", ["index"]],
      ["build", "v0.2", ["index"]],
    ]);
    expect(tree.images[1]?.papers).toEqual([]);
  });

  it("follows no tag in a circle", async () => {
    const bench = await setUp();
    await bench.repository.writeManifest(ctx, await read(bench, bench.digest), legacyTag(bench.digest, "sbom"));
    const { tree, failures } = await bench.grow();
    expect(failures).toEqual([]);
    expect(tree.papers.map(outline)).toEqual([["sbom", "vnd.oci.image.layer.v1.tar", ["legacy"]]]);
  });

  it("ends at papers of papers without an end, and says so", async () => {
    const bench = await setUp();
    let on = await read(bench, bench.digest);
    for (let depth = 0; depth < 20; depth++) on = await refer(bench, on, `application/x.depth-${depth}`);
    const { tree, failures } = await bench.grow();
    expect(countOf(tree.papers)).toBe(8);
    expect(failures.map(({ code }) => code)).toEqual(["LIMIT_EXCEEDED"]);
  });

  it("ends at too many papers, and says so once", async () => {
    const bench = await setUp();
    const image = await read(bench, bench.digest);
    for (let at = 0; at < 12; at++) await refer(bench, image, `application/x.number-${at}`);
    expect((await bench.grow(12)).failures).toEqual([]);
    const { tree, failures } = await bench.grow(10);
    expect(countOf(tree.papers)).toBe(10);
    expect(failures.map(({ code }) => code)).toEqual(["LIMIT_EXCEEDED"]);
  });

  it("shows what lies as what it is, and what cannot be read beside what can", async () => {
    const bench = await setUp((one) => ({
      ...one,
      listReferrers: async (call, subject, query) => {
        const gone = {
          mediaType: MEDIA_TYPE.ociManifest,
          digest: digestOf("gone"),
          size: 4,
          artifactType: "application/x",
        };
        return [...(await one.listReferrers(call, subject)), gone].filter((each) => query?.wants(each) ?? true);
      },
    }));
    await refer(bench, await read(bench, bench.digest), "application/x.there");
    const { tree } = await bench.grow();
    expect(tree.papers.map(({ kind, trouble }) => [kind, trouble])).toEqual([
      ["other", undefined],
      ["unreadable", "it is listed and is not there"],
    ]);
  });

  it("fails closed where a list cannot be read, and still shows the rest", async () => {
    const bench = await setUp((one) => ({
      ...one,
      listReferrers: () => Promise.reject(new WaybillError("REGISTRY_THROTTLED", "429")),
    }));
    const { manifest } = await legacySignature(bench);
    const { tree, failures } = await bench.grow();
    expect(tree.papers.map(({ copies }) => copies[0]?.manifest)).toEqual([manifest]);
    expect(new Set(failures.map(({ code }) => code))).toEqual(new Set(["REGISTRY_THROTTLED"]));
  });
});

const legacySignature = async ({ write, repository, digest }: Bench): Promise<{ readonly manifest: Digest }> => {
  await write(signature(), "legacy");
  const raw = await repository.readManifest(ctx, legacyTag(digest, "sig"));
  return { manifest: raw?.digest ?? digestOf("") };
};
