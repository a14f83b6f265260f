import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gatherBuildFacts } from "#app/gatherBuildFacts.ts";
import type { GatheredBuild } from "#app/gatherBuildFacts.ts";
import { BUILD_SYSTEMS } from "#app/buildSystems.ts";
import { writeProvenance } from "#claims/provenance.ts";
import type { ProvenanceFacts } from "#claims/provenance.ts";
import { codeOfPromise } from "../../test/fakes/codeOfPromise.ts";
import { testCtx } from "../../test/fakes/testCtx.ts";

const COMMIT = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
const nothing: ProvenanceFacts = { parameters: {}, materials: [] };

const gather = (
  from: string,
  variables: Readonly<Record<string, string>>,
  stated: Partial<ProvenanceFacts> = {},
  files: Readonly<Record<string, string>> = {},
): Promise<GatheredBuild> =>
  gatherBuildFacts({ readFile: (_, path) => Promise.resolve(files[path]) })(testCtx(), {
    from,
    variables,
    stated: { ...nothing, ...stated },
  });

const GITHUB = {
  GITHUB_ACTIONS: "true",
  GITHUB_SERVER_URL: "https://github.com",
  GITHUB_REPOSITORY: "team/shop",
  GITHUB_SHA: COMMIT,
  GITHUB_REF: "refs/heads/main",
  GITHUB_RUN_ID: "1658821493",
  GITHUB_RUN_ATTEMPT: "2",
  GITHUB_EVENT_NAME: "push",
  GITHUB_WORKFLOW_REF: "team/shop/.github/workflows/release.yml@refs/heads/main",
  RUNNER_ENVIRONMENT: "github-hosted",
};
const GIT = {
  ".git/HEAD": "ref: refs/heads/main\n",
  ".git/refs/heads/main": `${COMMIT}\n`,
  ".git/config": '[core]\n\tbare = false\n[remote "origin"]\n\turl = git@git.example.com:team/shop.git\n',
};

describe("gatherBuildFacts", () => {
  it("takes nothing unless asked", async () => {
    const { facts, from } = await gather("none", GITHUB, { buildId: "117" }, GIT);
    expect({ facts, from }).toEqual({ facts: { ...nothing, buildId: "117" }, from: undefined });
  });

  it("takes a system's variables for the fields of the table", async () => {
    expect(await gather("auto", GITHUB)).toEqual({
      from: "github",
      leftOut: [],
      facts: {
        materials: [],
        source: "git+https://github.com/team/shop",
        commitSha: COMMIT,
        buildId: "https://github.com/team/shop/actions/runs/1658821493/attempts/2",
        builderId: "https://github.com/actions/runner/github-hosted",
        buildType: "https://waybill.dev/build-type/github/v1",
        parameters: {
          event: "push",
          ref: "refs/heads/main",
          workflow: "team/shop/.github/workflows/release.yml@refs/heads/main",
        },
      },
    });
  });

  it("lets flags win, field by field", async () => {
    const { facts } = await gather("github", GITHUB, {
      buildId: "mine",
      source: "",
      parameters: { ref: "v1", x: "y" },
    });
    expect(facts).toMatchObject({
      buildId: "mine",
      source: "git+https://github.com/team/shop",
      parameters: { event: "push", ref: "v1", x: "y" },
    });
  });

  it("reads the time as the system gives it", async () => {
    const woodpecker = await gather("woodpecker", { CI_PIPELINE_STARTED: "1722617519" });
    expect(woodpecker.facts.startedOn).toBe("2024-08-02T16:51:59Z");
    const gitlab = await gather("gitlab", { CI_JOB_STARTED_AT: "2023-03-14T12:25:09+01:00" });
    expect(gitlab.facts.startedOn).toBe("2023-03-14T11:25:09Z");
  });

  it.each([
    ["BUILDKITE_COMMIT", "HEAD", "commitSha"],
    ["BUILDKITE_REPO", "/srv/git/shop.git", "source"],
    ["BUILDKITE_BRANCH", "main\u202Enoitcudorp", "branch"],
    ["BUILDKITE_BRANCH", "a\nb", "branch"],
    ["BUILDKITE_BRANCH", "b".repeat(513), "branch"],
  ])("leaves out what is not usable, and says which: %s=%j", async (variable, value, field) => {
    const { facts, leftOut } = await gather("buildkite", { BUILDKITE_TAG: "v1", [variable]: value });
    expect(leftOut).toEqual([field]);
    expect(facts).toEqual({
      materials: [],
      buildType: "https://waybill.dev/build-type/buildkite/v1",
      parameters: { tag: "v1" },
    });
  });

  it("reads a checkout where no system is recognised", async () => {
    expect(await gather("auto", {}, {}, GIT)).toEqual({
      from: "git",
      leftOut: [],
      facts: {
        materials: [],
        source: "git+ssh://git@git.example.com/team/shop.git",
        commitSha: COMMIT,
        buildType: "https://waybill.dev/build-type/git/v1",
        parameters: { ref: "refs/heads/main" },
      },
    });
  });

  it("refuses to guess between two systems, and to say nothing", async () => {
    const both = { ...GITHUB, JENKINS_URL: "https://jenkins.example/" };
    expect(await codeOfPromise(gather("auto", both))).toBe("USAGE_INVALID");
    expect((await gather("jenkins", both)).facts.builderId).toBe("https://jenkins.example/");
    expect(await codeOfPromise(gather("auto", {}))).toBe("USAGE_INVALID");
    expect(await codeOfPromise(gather("gitlab", GITHUB))).toBe("USAGE_INVALID");
  });

  it("always gives what provenance can be written of, without the secrets of a URL", async () => {
    const text = fc.oneof(
      fc.string({ maxLength: 40 }),
      fc.constantFrom(
        "HEAD",
        COMMIT,
        "\u0000",
        "\u202E",
        "refs/heads/x",
        "1722617519",
        "2026-02-30T00:00:00Z",
        "https://git.example/a",
      ),
      fc.constantFrom("https://me:s3cr3t@git.example/a?token=s3cr3t#s3cr3t", "https://s3cr3t@h/x", "git@h.example:a/b"),
      fc.constantFrom("ssh://s3cr3t@h.example:22/a", "see https://a:s3cr3t@b/ and git+https://s3cr3t@c/"),
    );
    const job = fc.constantFrom(...BUILD_SYSTEMS).chain((system) => {
      const names = [...new Set(JSON.stringify(system).match(/(?<=\{)[A-Z_]+(?=\})/g))];
      return fc.tuple(fc.constant(system.name), fc.record(Object.fromEntries(names.map((name) => [name, text]))));
    });
    await fc.assert(
      fc.asyncProperty(job, async ([name, variables]) => {
        const { facts } = await gather(name, variables, { tenantId: "t-1" });
        expect(Buffer.from(writeProvenance(facts, "1")).toString()).not.toMatch(/s3cr3t@/);
        expect(facts.source ?? "").not.toContain("s3cr3t");
      }),
    );
  });
});
