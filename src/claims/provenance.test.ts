import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { writeProvenance } from "#claims/provenance.ts";
import type { ProvenanceFacts, ProvenanceVersion } from "#claims/provenance.ts";
import { codeOf } from "../../test/fakes/codeOf.ts";

const COMMIT = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
const HEX = "ab".repeat(32);
const all: ProvenanceFacts = {
  source: "git+https://git.example.com/team/app",
  commitSha: COMMIT,
  buildId: "build-117",
  tenantId: "t-0042",
  appId: "shop",
  builderId: "https://ci.example.com/builder",
  buildType: "https://ci.example.com/type/v1",
  parameters: { target: "prod", "10": "b", "9": "a" },
  materials: [`pkg:docker/alpine@sha256:${HEX}`, `git+ssh://git@git.example.com/lib@v1@gitCommit:${COMMIT}`],
  startedOn: "2026-01-02T03:04:05Z",
  finishedOn: "2026-01-02T05:09:05.5+02:00",
};
const nothing: ProvenanceFacts = { parameters: {}, materials: [] };
const write = (facts: ProvenanceFacts, version: ProvenanceVersion = "1"): string =>
  Buffer.from(writeProvenance(facts, version)).toString();

describe("writeProvenance", () => {
  it("writes SLSA v1", () => {
    expect(write(all)).toBe(
      JSON.stringify({
        buildDefinition: {
          buildType: "https://ci.example.com/type/v1",
          externalParameters: {
            source: "git+https://git.example.com/team/app",
            tenantId: "t-0042",
            appId: "shop",
            parameters: "PARAMETERS",
          },
          resolvedDependencies: [
            { uri: "git+https://git.example.com/team/app", digest: { gitCommit: COMMIT } },
            { uri: "pkg:docker/alpine", digest: { sha256: HEX } },
            { uri: "git+ssh://git@git.example.com/lib@v1", digest: { gitCommit: COMMIT } },
          ],
        },
        runDetails: {
          builder: { id: "https://ci.example.com/builder" },
          metadata: {
            invocationId: "build-117",
            startedOn: "2026-01-02T03:04:05Z",
            finishedOn: "2026-01-02T03:09:05Z",
          },
        },
      }).replace('"PARAMETERS"', '{"10":"b","9":"a","target":"prod"}'),
    );
  });

  it("writes SLSA v0.2", () => {
    const origin = { uri: "git+https://git.example.com/team/app", digest: { sha1: COMMIT } };
    expect(JSON.parse(write(all, "0.2"))).toEqual({
      builder: { id: "https://ci.example.com/builder" },
      buildType: "https://ci.example.com/type/v1",
      invocation: {
        configSource: origin,
        parameters: { tenantId: "t-0042", appId: "shop", parameters: { target: "prod", "10": "b", "9": "a" } },
      },
      metadata: {
        buildInvocationId: "build-117",
        buildStartedOn: "2026-01-02T03:04:05Z",
        buildFinishedOn: "2026-01-02T03:09:05Z",
      },
      materials: [
        origin,
        { uri: "pkg:docker/alpine", digest: { sha256: HEX } },
        { uri: "git+ssh://git@git.example.com/lib@v1", digest: { sha1: COMMIT } },
      ],
    });
  });

  it("says nothing that it was not told, and that the builder was not stated", () => {
    expect(JSON.parse(write(nothing))).toEqual({
      buildDefinition: { buildType: "https://waybill.dev/build-type/flags/v1", externalParameters: {} },
      runDetails: { builder: { id: "https://waybill.dev/builder/unstated" } },
    });
    expect(JSON.parse(write(nothing, "0.2"))).toEqual({
      builder: { id: "https://waybill.dev/builder/unstated" },
      buildType: "https://waybill.dev/build-type/flags/v1",
    });
  });

  it("takes an empty text for nothing, as pipelines leave unset variables", () => {
    const empty = { source: "", commitSha: "", buildId: "", tenantId: "", appId: "", builderId: "", startedOn: "" };
    expect(write({ ...nothing, ...empty })).toBe(write(nothing));
  });

  it("names a commit without its source, and a source without a commit as parameter only", () => {
    expect(write({ ...nothing, commitSha: COMMIT })).toContain(
      `"resolvedDependencies":[{"digest":{"gitCommit":"${COMMIT}"}}]`,
    );
    const { buildDefinition } = JSON.parse(write({ ...nothing, source: "https://x.example" })) as {
      buildDefinition: object;
    };
    expect(buildDefinition).toMatchObject({ externalParameters: { source: "https://x.example" } });
    expect(buildDefinition).not.toHaveProperty("resolvedDependencies");
  });

  it.each<[string, Partial<ProvenanceFacts>]>([
    ["--source", { source: "git@github.com:team/app.git" }],
    ["--source", { source: "github.com/team/app" }],
    ["--source", { source: "https://user:secret@git.example.com/app" }],
    ["--source", { source: "https://secret@git.example.com/app" }],
    ["--source", { source: "git+https://secret@git.example.com/app" }],
    ["--source", { source: "ssh://git:secret@git.example.com/app" }],
    ["--commit-sha", { commitSha: "4b825dc" }],
    ["--commit-sha", { commitSha: COMMIT.toUpperCase() }],
    ["--build-id", { buildId: "a\nb" }],
    ["--tenant-id", { tenantId: "x".repeat(2049) }],
    ["--app-id", { appId: "\ud800" }],
    ["--builder-id", { builderId: "me" }],
    ["--build-type", { buildType: "https://x y" }],
    ["--material", { materials: ["pkg:docker/alpine"] }],
    ["--material", { materials: ["pkg:docker/alpine@sha256:ab"] }],
    ["--material", { materials: [`alpine@sha256:${HEX}`] }],
    ["--material", { materials: [`@sha256:${HEX}`] }],
    ["--material", { materials: [`https://user:secret@x.example/a@sha256:${HEX}`] }],
    ["--material", { materials: ["https://user:secret@x.example"] }],
    ["--started-on", { startedOn: "2026-01-02" }],
    ["--started-on", { startedOn: "2026-02-30T00:00:00Z" }],
    ["--finished-on", { finishedOn: "2026-01-02T25:00:00Z" }],
    ["--finished-on", { startedOn: "2026-01-02T03:04:05Z", finishedOn: "2026-01-02T03:04:04Z" }],
  ])("refuses a bad %s: %j", (flag, change) => {
    const make = () => write({ ...nothing, ...change });
    expect(codeOf(make)).toBe("USAGE_INVALID");
    expect(make).toThrow(flag);
    expect(make).not.toThrow("secret");
  });

  it("is one text for one set of parameters", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string()), fc.constantFrom("1", "0.2"), (parameters, version) => {
        const reversed = Object.fromEntries(Object.entries(parameters).toReversed());
        expect(write({ ...nothing, parameters: reversed }, version)).toBe(write({ ...nothing, parameters }, version));
      }),
    );
  });
});
