import { describe, expect, it } from "vitest";
import { copyImages } from "#app/copyImages.ts";
import type { CopiedImage, CopyImagesInput, CopyOutcome } from "#app/copyImages.ts";
import { appendLegacyLayers, legacyTag, readLegacyLayers, signatureLayer } from "#claims/legacyImage.ts";
import type { Repository } from "#core/content.ts";
import type { Digest } from "#core/digest.ts";
import { digestOf } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import { manifestDescriptor, rawManifest } from "#core/manifest.ts";
import type { RawManifest } from "#core/manifest.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { createMemoryRepositories, pushImage, pushIndex } from "../../test/fakes/memoryRepositories.ts";
import { testCtx } from "../../test/fakes/testCtx.ts";

const ctx = testCtx();
const SOURCE = "source.test/app";
const TARGET = "target.test/app";

const attach = async (repository: Repository, subject: RawManifest | Digest, words: string): Promise<RawManifest> => {
  const on = typeof subject === "string" ? await repository.readManifest(ctx, subject) : subject;
  if (on === undefined) throw new TypeError("no subject");
  const blob = Buffer.from(words);
  const layer = { mediaType: "text/plain", digest: digestOf(blob), size: blob.length };
  const config = { mediaType: MEDIA_TYPE.ociEmpty, digest: digestOf("{}"), size: 2 };
  await repository.writeBlob(ctx, layer, blob);
  await repository.writeBlob(ctx, config, Buffer.from("{}"));
  const body = { schemaVersion: 2, mediaType: MEDIA_TYPE.ociManifest, artifactType: "text/paper", config };
  const raw = rawManifest(
    Buffer.from(JSON.stringify({ ...body, layers: [layer], subject: manifestDescriptor(on) })),
    MEDIA_TYPE.ociManifest,
  );
  await repository.writeReferrers(ctx, on.digest, [raw]);
  return raw;
};

const addTag = async (repository: Repository, tag: string, ...words: readonly string[]): Promise<RawManifest> => {
  const papers = words.map((word) => signatureLayer(Buffer.from(word), Buffer.from(`signed ${word}`)));
  const { manifest, config } = appendLegacyLayers(
    undefined,
    papers.map(({ layer }) => layer),
  );
  for (const { layer, bytes } of papers) await repository.writeBlob(ctx, layer, bytes);
  await repository.writeBlob(ctx, config, config.bytes);
  await repository.writeManifest(ctx, manifest, tag);
  return manifest;
};

/** An index of two images with papers of every form, and papers of papers. */
const openBench = async (wrap?: (repository: Repository) => Repository) => {
  const repositories = createMemoryRepositories(wrap);
  const [source, target] = [repositories.at(SOURCE), repositories.at(TARGET)];
  const [amd, arm] = [
    await pushImage(ctx, source, undefined, "amd64"),
    await pushImage(ctx, source, undefined, "arm64"),
  ];
  const attestation = await pushImage(ctx, source, undefined, "buildkit");
  const index = await pushIndex(ctx, source, "1.0", [amd, arm], attestation);
  const papers = [
    await attach(source, index, "on the index"),
    await attach(source, amd, "on amd64"),
    await attach(source, arm, "on arm64"),
  ];
  const [first] = papers;
  if (first === undefined) throw new TypeError("no paper");
  const onPaper = await attach(source, first, "a paper of a paper");
  const onThat = await attach(source, onPaper, "and one of that");
  const tags = [legacyTag(index, "sig"), legacyTag(amd, "att"), legacyTag(amd, "sbom"), legacyTag(first.digest, "sig")];
  for (const tag of tags) await addTag(source, tag, `in ${tag}`);
  const run = async (input: Partial<CopyImagesInput> = {}): Promise<readonly CopyOutcome[]> =>
    copyImages({ repositories })(ctx, {
      lines: [{ from: `${SOURCE}:1.0`, to: `${TARGET}:2.0` }],
      only: undefined,
      platform: undefined,
      force: false,
      dryRun: false,
      maxWorkers: 4,
      settleMs: 0,
      ...input,
    });
  return { repositories, source, target, amd, arm, index, papers: [...papers, onPaper, onThat], tags, run };
};

const only = ([outcome]: readonly CopyOutcome[]): CopiedImage => {
  if (outcome?.kind !== "done") throw outcome?.error ?? new TypeError("no outcome");
  return outcome.copied;
};

const failed = ([outcome]: readonly CopyOutcome[]): string =>
  outcome?.kind === "failed" ? outcome.error.code : "done";

describe("copyImages", () => {
  it("carries an index, its images and every paper of any of them, byte for byte", async () => {
    const bench = await openBench();
    const copied = only(await bench.run());
    expect(copied).toMatchObject({ image: `${TARGET}@${bench.index}`, tag: "2.0", failed: [], pickedFrom: undefined });
    expect(bench.target.content.manifests).toEqual(bench.source.content.manifests);
    expect(bench.target.content.blobs).toEqual(bench.source.content.blobs);
    expect(await bench.target.listTags(ctx)).toEqual([...bench.tags, "2.0"].toSorted());
    expect(copied.papers.filter(({ form }) => form === "referrer").map(({ digest }) => digest)).toEqual(
      expect.arrayContaining(bench.papers.map(({ digest }) => digest)),
    );
    expect(copied.papers).toHaveLength(bench.papers.length + bench.tags.length);
  });

  it("sends nothing the second time", async () => {
    const bench = await openBench();
    await bench.run();
    const again = only(await bench.run());
    expect(again.papers.every(({ state }) => state === "present")).toBe(true);
    expect(again.tally).toMatchObject({ copied: 0, copiedBytes: 0 });
  });

  it("keeps what the target had, under tags too", async () => {
    const bench = await openBench();
    const { target, source, index } = bench;
    await bench.run();
    const tag = legacyTag(index, "sig");
    await addTag(target, tag, "the target's own");
    const own = await attach(target, index, "the target's own referrer");
    const copied = only(await bench.run());
    const layers = async (repository: Repository): Promise<readonly Digest[]> => {
      const raw = await repository.readManifest(ctx, tag);
      return raw === undefined ? [] : readLegacyLayers(raw).map(({ digest }) => digest);
    };
    expect(await layers(target)).toEqual([digestOf("the target's own"), ...(await layers(source))]);
    expect(copied.papers.find((paper) => paper.tag === tag)?.state).toBe("merged");
    const listed = await target.listReferrers(ctx, index);
    expect(listed.map(({ digest }) => digest)).toEqual(expect.arrayContaining([own.digest]));
    expect(listed).toHaveLength(2);
    // Merged the other way round, the source has everything as well.
    const back = [{ from: `${TARGET}:2.0`, to: `${SOURCE}:1.0` }];
    only(await bench.run({ lines: back }));
    expect((await layers(source)).toSorted()).toEqual((await layers(target)).toSorted());
  });

  it("leaves a tag that names another image, unless it is told to move it", async () => {
    const bench = await openBench();
    await pushImage(ctx, bench.target, "2.0", "another image");
    expect(failed(await bench.run())).toBe("TAG_IMMUTABLE");
    expect(bench.target.content.manifests.size).toBe(1);
    expect(only(await bench.run({ force: true })).tag).toBe("2.0");
    expect((await bench.target.readManifest(ctx, "2.0"))?.digest).toBe(bench.index);
  });

  it("says which SBOM it would have to replace", async () => {
    const bench = await openBench();
    const tag = legacyTag(bench.amd, "sbom");
    const other = await addTag(bench.target, tag, "another SBOM");
    const copied = only(await bench.run());
    expect(copied.failed.map(({ error }) => error.code)).toEqual(["INPUT_INVALID"]);
    expect((await bench.target.readManifest(ctx, tag))?.digest).toBe(other.digest);
    expect(only(await bench.run({ force: true })).failed).toEqual([]);
    expect((await bench.target.readManifest(ctx, tag))?.digest).not.toBe(other.digest);
  });

  it("takes one platform under the digest that it has, with its papers alone", async () => {
    const bench = await openBench();
    const copied = only(await bench.run({ platform: "linux/amd64" }));
    expect(copied).toMatchObject({ digest: bench.amd, pickedFrom: bench.index, tag: "2.0" });
    expect(copied.papers.map(({ subject }) => subject)).toEqual([bench.amd, bench.amd, bench.amd]);
    expect(await bench.target.readManifest(ctx, bench.index)).toBe(undefined);
  });

  it("takes papers alone, and of some kinds alone", async () => {
    const bench = await openBench();
    const copied = only(await bench.run({ only: new Set(["sig"]) }));
    expect(copied.papers.map(({ kind }) => kind)).toEqual(["sig"]);
    expect(copied.tag).toBe(undefined);
    expect(await bench.target.readManifest(ctx, bench.index)).toBe(undefined);
    expect(only(await bench.run({ only: "papers" })).papers).toHaveLength(bench.papers.length + bench.tags.length);
    expect(await bench.target.readManifest(ctx, bench.index)).toBe(undefined);
  });

  it("writes nothing when it only looks", async () => {
    const bench = await openBench();
    const copied = only(await bench.run({ dryRun: true }));
    expect(bench.target.content).toEqual({ blobs: new Map(), manifests: new Map(), tags: new Map() });
    expect(copied.papers).toHaveLength(bench.papers.length + bench.tags.length);
    expect(copied.tally.copied).toBeGreaterThan(0);
  });

  it("writes no tag while a paper could not be carried, and carries the others", async () => {
    const bench = await openBench();
    const lost = bench.papers[1]?.digest ?? bench.index;
    const blob = digestOf("on amd64");
    bench.source.content.blobs.delete(blob);
    const copied = only(await bench.run());
    expect(copied.failed).toMatchObject([{ paper: lost, subject: bench.amd }]);
    expect(copied.failed[0]?.error.code).toBe("NOT_FOUND");
    expect(copied.tag).toBe(undefined);
    expect(await bench.target.readManifest(ctx, "2.0")).toBe(undefined);
    expect(await bench.target.readManifest(ctx, lost)).toBe(undefined);
    expect(copied.papers).toHaveLength(bench.papers.length + bench.tags.length - 1);
  });

  it("does not take a list that cannot be read for an empty one", async () => {
    const bench = await openBench((repository) =>
      repository.name === SOURCE
        ? {
            ...repository,
            listReferrers: async () => {
              throw new WaybillError("REGISTRY_THROTTLED", "429");
            },
          }
        : repository,
    );
    const copied = only(await bench.run());
    expect(new Set(copied.failed.map(({ error }) => error.code))).toEqual(new Set(["REGISTRY_THROTTLED"]));
    expect(copied.tag).toBe(undefined);
  });

  it("copies each line for itself", async () => {
    const bench = await openBench();
    const lines = [
      { from: `${SOURCE}:1.0`, to: `${TARGET}:a` },
      { from: `${SOURCE}:none`, to: `${TARGET}:b` },
      { from: "UPPER", to: `${TARGET}:c` },
      { from: `${SOURCE}@${bench.amd}`, to: TARGET },
      { from: `${SOURCE}@${bench.amd}`, to: `${TARGET}@${bench.arm}` },
    ];
    const outcomes = await bench.run({ lines });
    const codes = outcomes.map((one) => (one.kind === "failed" ? one.error.code : one.copied.tag));
    expect(codes).toEqual(["a", "NOT_FOUND", "REFERENCE_INVALID", "latest", "USAGE_INVALID"]);
  });
});
