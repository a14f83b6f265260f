import { describe, expect, it } from "vitest";
import { BUILD_STATES } from "#records/build.ts";
import { badgeOf } from "#app/badgeOf.ts";
import { buildPapers } from "#app/buildPapers.ts";
import { issueImages } from "#app/issueImages.ts";
import { prepareProvenance } from "#app/prepareProvenance.ts";
import { registerBuild } from "#app/registerBuild.ts";
import { requestIssue } from "#app/requestIssue.ts";
import { pushImage, pushIndex } from "../../test/fakes/memoryRepositories.ts";
import {
  BENCH_FACTS,
  BENCH_REPOSITORY,
  openServiceBench,
  principal,
  workOnJob,
} from "../../test/fakes/serviceBench.ts";
import { createTestSigner } from "../../test/fakes/testSigner.ts";

const NAMES = { tenant: "default", app: "my-app", build: "build-1" };

describe("buildPapers", () => {
  it("tells two builds of one digest apart", async () => {
    const { deps, ctx, ask, advance } = await openServiceBench();
    await ask("build-1");
    await workOnJob(deps)(ctx);
    advance(1000);
    await ask("build-2");
    const waiting = await buildPapers(deps)(ctx, { ...NAMES, build: "build-2" });
    expect(waiting?.signatures).toEqual([]);
    expect(waiting?.provenance).toBeUndefined();
    expect(waiting && badgeOf({ build: waiting.build, signed: false })).toBe("not signed yet");
    await workOnJob(deps)(ctx);
    const both = await Promise.all(["build-1", "build-2"].map((build) => buildPapers(deps)(ctx, { ...NAMES, build })));
    expect(both.map((one) => one?.signatures.map(({ annotations }) => annotations["build_id"]))).toEqual([
      ["build-1"],
      ["build-2"],
    ]);
    const [first, second] = both.map((one) => one?.provenance?.predicate);
    expect(first).toBeDefined();
    expect(second).toBeDefined();
    expect(first).not.toBe(second);
    expect(both[0]?.sbom?.payload).toBe(both[1]?.sbom?.payload);
  });

  it("shows the SBOM that was issued last, and its packages", async () => {
    const { deps, ctx, ask, advance, read, digest } = await openServiceBench();
    await ask("build-1");
    await workOnJob(deps)(ctx);
    advance(1000);
    await ask("build-2");
    const newer = Buffer.from(
      '{"bomFormat":"CycloneDX","components":[{"name":"b","version":"2","purl":"pkg:deb/b@2"}]}',
    );
    await workOnJob({ ...deps, makeSbom: async () => newer })(ctx);
    const found = await buildPapers(deps)(ctx, NAMES);
    const document = await read(async (records) => records.documents.get(found?.sbom?.predicate ?? digest));
    expect(Buffer.from(document?.bytes ?? [])).toEqual(newer);
    const cut = { limit: 9, after: undefined };
    const packages = await read((records) => records.packages.list("default", digest, undefined, cut));
    expect(packages.map(({ purl }) => purl)).toEqual(["pkg:deb/b@2"]);
  });

  it("keeps nothing that another key signed", async () => {
    const { deps, ctx, ask, image, digest } = await openServiceBench();
    const provenance = prepareProvenance(
      { builderId: "https://evil.example", parameters: {}, materials: [] },
      "1",
      undefined,
    );
    await issueImages({ repositories: deps.repositories, signer: createTestSigner(), makeSbom: undefined })(ctx, {
      references: [image(digest)],
      annotations: { build_id: "build-1" },
      provenance,
      sign: true,
      storage: "both",
      dryRun: false,
      maxWorkers: 1,
      settleMs: 0,
    });
    await ask();
    await workOnJob(deps)(ctx);
    const found = await buildPapers(deps)(ctx, NAMES);
    expect(found?.papers).toHaveLength(3);
    expect(new Set(found?.papers.map(({ key }) => key)).size).toBe(1);
  });

  it("issues an index and each of its images", async () => {
    const { deps, ctx, repositories, image, read } = await openServiceBench();
    const repository = repositories.at(BENCH_REPOSITORY);
    const children = [
      await pushImage(ctx, repository, undefined, "a"),
      await pushImage(ctx, repository, undefined, "b"),
    ];
    const attestation = await pushImage(ctx, repository, undefined, "buildkit");
    const index = await pushIndex(ctx, repository, "1.0", children, attestation);
    const names = { by: principal(), app: "my-app", build: "build-1", requestId: undefined };
    await registerBuild(deps)(ctx, { ...names, facts: BENCH_FACTS });
    await requestIssue(deps)(ctx, { ...names, image: image(index), rerun: false });
    await workOnJob(deps)(ctx);
    const found = await buildPapers(deps)(ctx, NAMES);
    expect(found?.build.state).toBe("done");
    expect(found?.sbom?.subject).toBe(index);
    expect(found?.signatures).toHaveLength(1);
    const counts = await Promise.all(
      [...children, attestation].map((one) =>
        read(async (records) => (await records.papers.list("default", one)).length),
      ),
    );
    expect(counts).toEqual([3, 3, 0]);
  });

  it("shows a tenant nothing of another one", async () => {
    const { deps, ctx, ask } = await openServiceBench();
    await ask();
    await workOnJob(deps)(ctx);
    expect(await buildPapers(deps)(ctx, { ...NAMES, tenant: "other" })).toBeUndefined();
    await ask("build-1", "other");
    expect((await buildPapers(deps)(ctx, { ...NAMES, tenant: "other" }))?.papers).toEqual([]);
  });

  it("takes no word of another tenant for a build of the same name and digest", async () => {
    const { deps, ctx, ask, image, digest, advance } = await openServiceBench();
    await ask();
    await workOnJob(deps)(ctx);
    advance(1000);
    const input = { by: principal("evil"), app: "my-app", build: "build-1", requestId: undefined };
    await registerBuild(deps)(ctx, { ...input, facts: { ...BENCH_FACTS, source: "https://git.example/evil" } });
    await requestIssue(deps)(ctx, { ...input, image: image(digest), rerun: false });
    await workOnJob(deps)(ctx);
    advance(1000);
    await requestIssue(deps)(ctx, { ...input, by: principal(), image: undefined, rerun: true });
    await workOnJob(deps)(ctx);
    for (const tenant of ["default", "evil"]) {
      const found = await buildPapers(deps)(ctx, { ...NAMES, tenant });
      expect(found?.papers.length).toBeGreaterThan(0);
      expect(found?.provenance?.annotations["tenant_id"]).toBe(tenant);
      expect(new Set(found?.signatures.map(({ annotations }) => annotations["tenant_id"]))).toEqual(new Set([tenant]));
    }
  });
});

describe("badgeOf", () => {
  it("says of every state what is so", async () => {
    const { deps, ctx, ask } = await openServiceBench();
    await ask();
    const build = (await buildPapers(deps)(ctx, NAMES))?.build;
    const badges = BUILD_STATES.map((state) => build && badgeOf({ build: { ...build, state }, signed: false }));
    expect(Object.fromEntries(BUILD_STATES.map((state, at) => [state, badges[at]]))).toEqual({
      pending: "not signed yet",
      running: "signing",
      done: "unknown",
      failed: "failed",
      skipped: "not signed yet",
      signing_unavailable: "signing unavailable",
    });
    expect(build && badgeOf({ build: { ...build, state: "failed" }, signed: true })).toBe("signed");
    expect(badgeOf({ build: undefined, signed: true })).toBe("unknown");
  });
});
