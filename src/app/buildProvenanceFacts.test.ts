import { describe, expect, it } from "vitest";
import { buildProvenanceFacts } from "#app/buildProvenanceFacts.ts";
import { prepareProvenance } from "#app/prepareProvenance.ts";
import type { Build, BuildFacts } from "#records/build.ts";
import { BENCH_FACTS } from "../../test/fakes/serviceBench.ts";

const BUILDER = "https://waybill.example/builder";
const SHA = "0123456789abcdef0123456789abcdef01234567";

const buildWith = (facts: Partial<BuildFacts>): Build => ({
  tenant: "default",
  app: "my-app",
  id: "build-1",
  row: "1",
  facts: { ...BENCH_FACTS, ...facts },
  image: undefined,
  state: "pending",
  reason: undefined,
  operation: undefined,
  createdAt: 0,
  updatedAt: 0,
});

const predicateOf = (build: Build): unknown =>
  JSON.parse(
    Buffer.from(
      prepareProvenance(buildProvenanceFacts(build, BUILDER).provenance, "1", undefined).predicate,
    ).toString(),
  );

describe("buildProvenanceFacts", () => {
  it("makes a digest of a commit's full name", () => {
    expect(predicateOf(buildWith({ commitSha: SHA.toUpperCase(), builder: undefined, parameters: {} }))).toEqual({
      buildDefinition: {
        buildType: "https://waybill.dev/build-type/flags/v1",
        externalParameters: { source: "https://git.example/my-app", tenantId: "default", appId: "my-app" },
        resolvedDependencies: [{ uri: "https://git.example/my-app", digest: { gitCommit: SHA } }],
      },
      runDetails: { builder: { id: BUILDER }, metadata: { invocationId: "build-1" } },
    });
  });

  it.each(["deadbeef", "v1.2", `${SHA}0`])("keeps the commit %s as text, and calls it no digest", (commitSha) => {
    const build = buildWith({ commitSha });
    const predicate = predicateOf(build);
    expect(predicate).toMatchObject({
      buildDefinition: {
        externalParameters: { parameters: { builder: "kaniko", commit_sha: commitSha, target: "release" } },
      },
    });
    expect(JSON.stringify(predicate)).not.toContain("gitCommit");
    expect(buildProvenanceFacts(build, BUILDER).annotations["commit_sha"]).toBe(commitSha);
  });

  it("says nothing that was not registered", () => {
    const build = buildWith({ source: undefined, commitSha: undefined, builder: undefined, parameters: {} });
    expect(predicateOf(build)).toEqual({
      buildDefinition: {
        buildType: "https://waybill.dev/build-type/flags/v1",
        externalParameters: { tenantId: "default", appId: "my-app" },
      },
      runDetails: { builder: { id: BUILDER }, metadata: { invocationId: "build-1" } },
    });
    expect(buildProvenanceFacts(build, BUILDER).annotations).toEqual({
      tenant_id: "default",
      app_id: "my-app",
      build_id: "build-1",
    });
  });
});
