import { describe, expect, it } from "vitest";
import { registerBuild } from "#app/registerBuild.ts";
import type { BuildFacts } from "#records/build.ts";
import { codeOfPromise } from "../../test/fakes/codeOfPromise.ts";
import { BENCH_FACTS, openServiceBench, principal } from "../../test/fakes/serviceBench.ts";

const INPUT = { by: principal(), app: "my-app", build: "build-1", facts: BENCH_FACTS, requestId: "request-1" };

describe("registerBuild", () => {
  it("takes a build in once, and its app with it", async () => {
    const { deps, ctx, read } = await openServiceBench();
    const register = registerBuild(deps);
    const first = await register(ctx, INPUT);
    expect(first).toMatchObject({ created: true, build: { id: "build-1", state: "pending", facts: BENCH_FACTS } });
    expect(await register(ctx, INPUT)).toEqual({ created: false, build: first.build });
    expect(await codeOfPromise(register(ctx, { ...INPUT, facts: { ...BENCH_FACTS, commitSha: "cafe" } }))).toBe(
      "BUILD_CONFLICT",
    );
    await register(ctx, { ...INPUT, build: "build-2" });
    const { apps, audit, events } = await read(async (records) => ({
      events: await records.events.list("default", 0, 9),
      apps: await records.apps.list("default", { limit: 9, after: undefined }),
      audit: await records.audit.list("default", 0, 9),
    }));
    expect(apps.map(({ name, builds }) => [name, builds])).toEqual([["my-app", 2]]);
    expect(events.map(({ kind, build }) => [kind, build])).toEqual([
      ["app", undefined],
      ["build", "build-1"],
      ["build", "build-2"],
    ]);
    expect(audit.map(({ action, object, requestId }) => [action, object, requestId])).toEqual([
      ["build.register", "apps/my-app/builds/build-1", "request-1"],
      ["build.register", "apps/my-app/builds/build-2", "request-1"],
    ]);
  });

  it("keeps tenants apart: the same names are other builds", async () => {
    const { deps, ctx, read } = await openServiceBench();
    await registerBuild(deps)(ctx, INPUT);
    const facts = { ...BENCH_FACTS, commitSha: "cafe" };
    expect(await registerBuild(deps)(ctx, { ...INPUT, by: principal("other"), facts })).toMatchObject({
      created: true,
    });
    const own = await read((records) => records.builds.find("default", "my-app", "build-1"));
    expect(own?.facts.commitSha).toBe("deadbeef");
  });

  it.each(["", ".hidden", "-x", "a/b", "a b", "ü", "a\n", "a".repeat(129)])("refuses the name %j", async (name) => {
    const { deps, ctx } = await openServiceBench();
    for (const bad of [{ app: name }, { build: name }, { by: principal(name) }]) {
      expect(await codeOfPromise(registerBuild(deps)(ctx, { ...INPUT, ...bad }))).toBe("INPUT_INVALID");
    }
  });

  it.each<[string, Partial<BuildFacts>]>([
    ["source", { source: `https://git.example/${"a".repeat(2048)}` }],
    ["source", { source: "not a uri" }],
    ["source", { source: "https://user:password@git.example/app" }],
    ["commit_sha", { commitSha: "a\u0000b" }],
    ["builder", { builder: "half a pair \ud800" }],
    ["parameters", { parameters: Object.fromEntries(Array.from({ length: 101 }, (_, at) => [`p${at}`, ""])) }],
    ["parameters", { parameters: { "": "x" } }],
    ["parameters", { parameters: { ["n".repeat(257)]: "x" } }],
    ["parameters.big", { parameters: { big: "v".repeat(4097) } }],
    ["parameters.line", { parameters: { line: "a\nb" } }],
    ["parameters.commit_sha", { parameters: { commit_sha: "another" } }],
    ["parameters.builder", { parameters: { builder: "another" } }],
  ])("refuses facts with a bad %s and repeats no password", async (field, facts) => {
    const { deps, ctx } = await openServiceBench();
    const registering = registerBuild(deps)(ctx, { ...INPUT, facts: { ...BENCH_FACTS, ...facts } });
    await expect(registering).rejects.toMatchObject({ code: "INPUT_INVALID", details: { field } });
    await expect(registering).rejects.not.toThrow(/password@/);
  });

  it("takes an empty text for one that is not known", async () => {
    const { deps, ctx } = await openServiceBench();
    const facts = { source: "", commitSha: "", builder: "", parameters: { empty: "" } };
    const { build } = await registerBuild(deps)(ctx, { ...INPUT, facts });
    expect(build.facts).toEqual({
      source: undefined,
      commitSha: undefined,
      builder: undefined,
      parameters: { empty: "" },
    });
  });
});
