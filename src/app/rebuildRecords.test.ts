import { describe, expect, it } from "vitest";
import { digestHex, digestOf } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import { rawManifest } from "#core/manifest.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { findBreak } from "#records/auditEntry.ts";
import type { Records, RecordStore } from "#records/recordStore.ts";
import { openSqliteStore } from "#store/openSqliteStore.ts";
import { rebuildRecords } from "#app/rebuildRecords.ts";
import { registerBuild } from "#app/registerBuild.ts";
import { requestIssue } from "#app/requestIssue.ts";
import { codeOfPromise } from "../../test/fakes/codeOfPromise.ts";
import { pushImage, pushIndex } from "../../test/fakes/memoryRepositories.ts";
import { keptOf, openRebuildBench, referenceOf } from "../../test/fakes/rebuildBench.ts";
import {
  BENCH_FACTS,
  BENCH_REPOSITORY,
  BENCH_SBOM,
  openServiceBench,
  principal,
  workOnJob,
} from "../../test/fakes/serviceBench.ts";
import { createTestSigner } from "../../test/fakes/testSigner.ts";

describe("rebuildRecords", () => {
  it("makes again what was there, of every build of a digest", async () => {
    const { bench, deps, rebuild, issue } = await openRebuildBench();
    const full = { ...BENCH_FACTS, commitSha: "AB".repeat(20), builder: undefined, parameters: {} };
    await issue("build-1");
    await issue("build-2", { facts: full });
    const { repositories, conflicts } = await rebuild();
    expect(conflicts).toEqual([]);
    expect(repositories).toEqual([
      {
        name: BENCH_REPOSITORY,
        counts: { images: 1, bare: 0, papers: 5, addedPapers: 5, builds: 2, addedBuilds: 2, others: 0, refused: 0 },
        refusals: [],
        error: undefined,
      },
    ]);
    for (const build of ["build-1", "build-2"]) {
      const kept = await keptOf(bench, deps, build);
      expect(kept?.documents).toHaveLength(15);
      expect(kept?.shape?.platform).toBe("linux/amd64");
      expect(kept).toEqual(await keptOf(bench, bench.deps, build));
    }
    expect((await keptOf(bench, deps, "build-2"))?.build.facts).toEqual(full);
  });

  it("changes nothing the second time, and completes what is there", async () => {
    const { bench, deps, rebuild, issue, read } = await openRebuildBench();
    await issue("build-1");
    await rebuild();
    const all = (records: Records) =>
      Promise.all([
        records.audit.list(undefined, 0, 100),
        records.events.list("default", 0, 100),
        records.papers.list("default", bench.digest),
        records.builds.list("default", { app: undefined, state: undefined }, { limit: 9, after: undefined }),
      ]);
    const before = await read(all);
    expect(findBreak(before[0])).toBeUndefined();
    expect(before[0].map(({ actor, action, object }) => `${actor} ${action} ${object}`)).toEqual([
      `cli store.rebuild images/${bench.digest}`,
      expect.stringMatching(/^cli store\.rebuild keys\/sha256:[0-9a-f]{64}$/),
      "cli store.rebuild apps/my-app/builds/build-1",
    ]);
    expect(before[1].map(({ kind, state }) => `${kind} ${state}`)).toEqual([
      "key retired",
      "app registered",
      "build done",
    ]);
    bench.advance(1000);
    expect((await rebuild()).repositories[0]?.counts).toMatchObject({
      papers: 3,
      addedPapers: 0,
      builds: 1,
      addedBuilds: 0,
    });
    expect(await read(all)).toEqual(before);
    await issue("build-2");
    expect((await rebuild()).repositories[0]?.counts).toMatchObject({
      papers: 5,
      addedPapers: 2,
      builds: 2,
      addedBuilds: 1,
    });
    const [made, was] = [await keptOf(bench, deps, "build-2"), await keptOf(bench, bench.deps, "build-2")];
    expect([made?.build, made?.chosen, made?.packages]).toEqual([was?.build, was?.chosen, was?.packages]);
  });

  it("adds what an image consists of to an index that has its papers alone", async () => {
    const { bench, deps, rebuild, issue, read } = await openRebuildBench();
    await issue("build-1");
    const papers = await bench.read((records) => records.papers.list("default", bench.digest));
    await deps.store.write(bench.ctx, async (records) => {
      for (const paper of papers) await records.papers.put(paper);
    });
    expect((await rebuild()).repositories[0]?.counts).toMatchObject({ papers: 3, addedPapers: 0 });
    const find = (records: Records) => records.images.find("default", bench.digest);
    expect(await read(find)).toEqual(await bench.read(find));
    expect(await read((records) => records.papers.list("default", bench.digest))).toEqual(papers);
  });

  it("takes the papers of one tenant, and those that name none with them", async () => {
    const { bench, deps, rebuild, issue } = await openRebuildBench();
    await issue("build-1");
    await issue("build-9", { tenant: "other" });
    const alone = await pushImage(bench.ctx, bench.repositories.at(BENCH_REPOSITORY), "theirs", "their content");
    await issue("build-8", { tenant: "other", digest: alone });
    const { repositories } = await rebuild();
    expect(repositories[0]?.counts).toMatchObject({ images: 2, papers: 3, builds: 1, others: 5, bare: 0 });
    expect(await keptOf(bench, deps, "build-1")).toEqual(await keptOf(bench, bench.deps, "build-1"));
    expect(await keptOf(bench, deps, "build-9")).toBeUndefined();
    expect(await deps.store.read(bench.ctx, ({ papers }) => papers.list("default", alone))).toEqual([]);
    const theirs = await rebuild({ tenant: "other" });
    expect(theirs.repositories[0]?.counts).toMatchObject({ papers: 6, addedPapers: 6, builds: 2, others: 2 });
    expect((await keptOf(bench, deps, "build-8", "other"))?.papers).toHaveLength(3);
  });

  it("believes the given keys alone, each of them", async () => {
    const { bench, deps, rebuild, issue } = await openRebuildBench();
    const old = createTestSigner();
    bench.key.signer = old;
    await issue("build-1");
    bench.key.signer = bench.signer;
    await issue("build-2");
    const stranger = await rebuild({ keys: [createTestSigner()] });
    expect(stranger.repositories[0]?.counts).toMatchObject({ papers: 0, builds: 0, others: 0, bare: 0, refused: 12 });
    expect(stranger.repositories[0]?.refusals).toEqual([
      expect.stringContaining(`${bench.digest}: 12 papers do not verify: `),
    ]);
    expect(await keptOf(bench, deps, "build-1")).toBeUndefined();
    expect(await deps.store.read(bench.ctx, ({ papers }) => papers.list("default", bench.digest))).toEqual([]);
    const own = await rebuild();
    expect(own.repositories[0]?.counts).toMatchObject({ papers: 3, builds: 1, refused: 6 });
    const both = await rebuild({ keys: [bench.signer, old] });
    expect(both.repositories[0]?.counts).toMatchObject({
      papers: 6,
      addedPapers: 3,
      builds: 2,
      addedBuilds: 1,
      refused: 0,
    });
  });

  it("passes over junk among the papers and the tags, and tells it", async () => {
    const { bench, deps, ctx, rebuild, issue, content } = await openRebuildBench();
    await issue("build-1");
    const expected = await keptOf(bench, bench.deps, "build-1");
    const repository = bench.repositories.at(BENCH_REPOSITORY);
    const junk = rawManifest(Buffer.from("{}"), MEDIA_TYPE.ociManifest);
    await repository.writeManifest(ctx, junk, "latest");
    await repository.writeManifest(ctx, junk, `sha256-${"0".repeat(64)}.sig`);
    const tag = `sha256-${digestHex(bench.digest)}.att`;
    const raw = await repository.readManifest(ctx, tag);
    const image = JSON.parse(Buffer.from(raw?.bytes ?? []).toString());
    const forged = Buffer.from("forged");
    content.blobs.set(digestOf(forged), forged);
    image.layers.unshift({ ...image.layers[0], digest: digestOf(forged), size: forged.byteLength });
    await repository.writeManifest(ctx, rawManifest(Buffer.from(JSON.stringify(image)), MEDIA_TYPE.ociManifest), tag);
    await pushImage(ctx, repository, "unsigned", "unsigned");
    const { repositories, conflicts } = await rebuild();
    expect(conflicts).toEqual([]);
    expect(repositories[0]?.counts).toMatchObject({ images: 4, bare: 2, papers: 3, builds: 1, refused: 3 });
    expect(repositories[0]?.refusals).toEqual([
      expect.stringContaining(junk.digest),
      expect.stringMatching(/@sha256:0{64}: a paper does not verify: /),
      expect.stringContaining(`${bench.digest}: a paper does not verify: `),
    ]);
    expect(await keptOf(bench, deps, "build-1")).toEqual(expected);
  });

  it("finds an image without a tag by the tags of its papers, also where the image is gone", async () => {
    const { bench, deps, rebuild, issue, content } = await openRebuildBench();
    await issue("build-1");
    expect([...content.tags.keys()].every((tag) => tag.startsWith("sha256-"))).toBe(true);
    for (const tag of content.tags.keys()) if (!tag.endsWith(".att")) content.tags.delete(tag);
    content.manifests.delete(bench.digest);
    await rebuild();
    expect((await keptOf(bench, deps, "build-1"))?.build).toMatchObject({ state: "done", facts: BENCH_FACTS });
  });

  it("finds an image by the tag of its list of referrers", async () => {
    const { bench, ctx, rebuild, issue, content } = await openRebuildBench();
    await issue("build-1");
    for (const tag of content.tags.keys()) content.tags.delete(tag);
    const list = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPE.ociIndex, manifests: [] }));
    const fallback = rawManifest(list, MEDIA_TYPE.ociIndex);
    await bench.repositories.at(BENCH_REPOSITORY).writeManifest(ctx, fallback, `sha256-${digestHex(bench.digest)}`);
    expect((await rebuild()).repositories[0]?.counts).toMatchObject({ images: 1, papers: 3, builds: 1 });
  });

  it("gives a build of an index the index, and its images their papers", async () => {
    const { bench, deps, ctx, rebuild, issue } = await openRebuildBench();
    const repository = bench.repositories.at(BENCH_REPOSITORY);
    const images = [
      await pushImage(ctx, repository, undefined, "one"),
      await pushImage(ctx, repository, undefined, "two"),
    ];
    const foreign = await pushImage(ctx, repository, undefined, "made by BuildKit");
    const index = await pushIndex(ctx, repository, "multi", images, foreign);
    await issue("build-1", { digest: index });
    const { repositories, conflicts } = await rebuild();
    expect(conflicts).toEqual([]);
    expect(repositories[0]?.counts).toMatchObject({ images: 3, papers: 9, builds: 1, refused: 0, bare: 0 });
    expect((await keptOf(bench, deps, "build-1"))?.build.image?.digest).toBe(index);
    expect(await keptOf(bench, deps, "build-1")).toEqual(await keptOf(bench, bench.deps, "build-1"));
    for (const image of images) {
      const of = (from: { readonly store: RecordStore }) =>
        from.store.read(ctx, ({ papers }) => papers.list("default", image));
      expect((await of(deps)).map(({ payload }) => payload).toSorted()).toEqual(
        (await of(bench.deps)).map(({ payload }) => payload).toSorted(),
      );
    }
  });

  it("lets the newest paper of a kind speak", async () => {
    const { bench, deps, ctx, rebuild, issue } = await openRebuildBench();
    await issue("build-1");
    const seen = new Set<unknown>();
    for (let round = 0; round < 6; round++) {
      const asked = {
        by: principal(),
        app: "my-app",
        build: "build-1",
        image: undefined,
        rerun: true,
        requestId: undefined,
      };
      await requestIssue(bench.deps)(ctx, asked);
      const sbom = Buffer.from(BENCH_SBOM.toString().replace("1.3.0", `2.${round}.0`));
      await workOnJob({ ...bench.deps, builderId: `https://waybill.example/${round}`, makeSbom: async () => sbom })(
        ctx,
      );
      bench.advance(1000);
      deps.store = await openSqliteStore({ file: ":memory:" });
      await rebuild();
      const { chosen, packages } = (await keptOf(bench, deps, "build-1")) ?? {};
      const expected = await keptOf(bench, bench.deps, "build-1");
      expect({ chosen, packages }).toEqual({ chosen: expected?.chosen, packages: expected?.packages });
      seen.add(expected?.chosen[1]);
    }
    expect(seen.size).toBe(6);
  });

  it("lets it speak also where an older one is found later", async () => {
    const { bench, deps, ctx, rebuild, issue } = await openRebuildBench();
    const old = createTestSigner();
    bench.key.signer = old;
    await issue("build-1");
    bench.key.signer = bench.signer;
    const asked = {
      by: principal(),
      app: "my-app",
      build: "build-1",
      image: undefined,
      rerun: true,
      requestId: undefined,
    };
    await requestIssue(bench.deps)(ctx, asked);
    const sbom = Buffer.from(BENCH_SBOM.toString().replace("1.3.0", "2.0.0"));
    await workOnJob({ ...bench.deps, builderId: "https://waybill.example/2", makeSbom: async () => sbom })(ctx);
    await rebuild();
    bench.advance(60_000);
    const later = await rebuild({ keys: [bench.signer, old] });
    expect(later.repositories[0]?.counts).toMatchObject({ papers: 6, addedPapers: 3, addedBuilds: 0 });
    const [made, was] = [await keptOf(bench, deps, "build-1"), await keptOf(bench, bench.deps, "build-1")];
    expect(made?.packages).toMatchObject([{ version: "2.0.0" }]);
    expect([made?.chosen, made?.packages]).toEqual([was?.chosen, was?.packages]);
  });

  it("takes the first of several repositories for a build's, however often it is copied", async () => {
    const { bench, deps, rebuild, issue, content } = await openRebuildBench();
    await issue("build-1");
    const mirror = bench.repositories.at("mirror.example/my-app").content;
    content.blobs.forEach((bytes, digest) => mirror.blobs.set(digest, bytes));
    content.manifests.forEach((raw, digest) => mirror.manifests.set(digest, raw));
    content.tags.forEach((digest, tag) => mirror.tags.set(tag, digest));
    const names = [BENCH_REPOSITORY, "mirror.example/my-app", BENCH_REPOSITORY];
    const { repositories, conflicts } = await rebuild({ names });
    expect(conflicts).toEqual([]);
    expect(repositories.map(({ counts }) => [counts.addedPapers, counts.builds])).toEqual([
      [3, 1],
      [0, 0],
    ]);
    expect(await keptOf(bench, deps, "build-1")).toEqual(await keptOf(bench, bench.deps, "build-1"));
  });

  it("writes no build of which papers say two things, and changes none that is there", async () => {
    const { bench, deps, ctx, rebuild, issue } = await openRebuildBench();
    await issue("build-1");
    const second = await openServiceBench();
    second.key.signer = bench.signer;
    const other = await pushImage(ctx, bench.repositories.at(BENCH_REPOSITORY), undefined, "another");
    const elsewhere = { ...second.deps, repositories: bench.repositories };
    const names = { by: principal(), app: "my-app", build: "build-1", requestId: undefined };
    await registerBuild(elsewhere)(ctx, { ...names, facts: BENCH_FACTS });
    await requestIssue(elsewhere)(ctx, { ...names, image: bench.image(other), rerun: false });
    await workOnJob(elsewhere)(ctx);
    const twice = await rebuild();
    expect(twice.conflicts).toEqual([expect.stringContaining("build my-app/build-1 is signed for 2 images: sha256:")]);
    expect(twice.repositories[0]?.counts).toMatchObject({ papers: 6, builds: 0 });
    expect(await keptOf(bench, deps, "build-1")).toBeUndefined();
  });

  it.each([
    ["the same facts, which are completed", BENCH_FACTS, "done", []],
    [
      "other facts, which stay",
      { ...BENCH_FACTS, builder: "buildah" },
      "pending",
      [expect.stringContaining("my-app/build-1")],
    ],
  ])("meets a build that was registered again with %s", async (_, facts, state, conflicts) => {
    const { bench, deps, ctx, rebuild, issue } = await openRebuildBench();
    await issue("build-1");
    const names = { by: principal(), app: "my-app", build: "build-1", requestId: undefined };
    const { build } = await registerBuild(deps)(ctx, { ...names, facts });
    expect((await rebuild()).conflicts).toEqual(conflicts);
    const after = await keptOf(bench, deps, "build-1");
    expect(after?.build).toMatchObject({ facts, state });
    const found = await deps.store.read(ctx, ({ builds }) => builds.find("default", "my-app", "build-1"));
    expect(found).toMatchObject({ row: build.row, createdAt: build.createdAt });
  });

  it("tells a repository that cannot be read, and takes the others", async () => {
    const away = new WaybillError("REGISTRY_UNAVAILABLE", "the registry is away");
    const { rebuild, issue } = await openRebuildBench((repository) =>
      repository.name === "away.example/app" ? { ...repository, listTags: () => Promise.reject(away) } : repository,
    );
    await issue("build-1");
    const { repositories } = await rebuild({ names: ["away.example/app", "empty.example/app", BENCH_REPOSITORY] });
    expect(repositories.map(({ error, counts }) => [error?.code, counts.builds])).toEqual([
      ["REGISTRY_UNAVAILABLE", 0],
      ["NOT_FOUND", 0],
      [undefined, 1],
    ]);
  });

  it("believes no absence that a registry did not state", async () => {
    const lost = { now: false };
    const { rebuild, issue, deps, bench } = await openRebuildBench((repository) => ({
      ...repository,
      readManifest: async (ctx, name) => {
        if (lost.now && name.endsWith(".att")) throw new WaybillError("NETWORK_TIMEOUT", "too slow");
        return repository.readManifest(ctx, name);
      },
    }));
    await issue("build-1");
    lost.now = true;
    expect((await rebuild()).repositories[0]?.error?.code).toBe("NETWORK_TIMEOUT");
    expect(await keptOf(bench, deps, "build-1")).toBeUndefined();
  });

  it("ends where it is interrupted or its own store fails", async () => {
    const { bench, deps, ctx, rebuild, issue } = await openRebuildBench();
    await issue("build-1");
    const input = { by: "cli", tenant: "default", from: [referenceOf(BENCH_REPOSITORY)] };
    const trust = { keys: [{ name: "key", key: bench.signer.publicKey }] };
    const signal = AbortSignal.abort();
    const aborted = rebuildRecords(deps)({ ...ctx, signal }, { ...input, trust });
    await expect(aborted).rejects.toHaveProperty("name", "AbortError");
    await deps.store.close();
    expect(await codeOfPromise(rebuild())).toBe("STORE_FAILED");
    expect(await codeOfPromise(rebuild({ tenant: "no name" }))).toBe("INPUT_INVALID");
  });
});
