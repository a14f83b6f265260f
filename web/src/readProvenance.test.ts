import { describe, expect, it } from "vitest";
import { writeProvenance } from "#claims/provenance.ts";
import { readProvenance } from "./readProvenance.ts";

const COMMIT = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

describe("the summary of a provenance", () => {
  it("says what the service attests", () => {
    const bytes = writeProvenance(
      {
        source: "https://git.example/shop",
        commitSha: COMMIT,
        buildId: "build-1",
        tenantId: "default",
        appId: "shop",
        builderId: "https://ci.example",
        parameters: { target: "prod" },
        materials: [`pkg:oci/base@sha256:${"5".repeat(64)}`],
        startedOn: "2026-01-02T03:04:05Z",
      },
      "1",
    );
    expect(readProvenance(JSON.parse(Buffer.from(bytes).toString()))).toEqual({
      builder: "https://ci.example",
      buildType: "https://waybill.dev/build-type/flags/v1",
      invocation: "build-1",
      startedOn: "2026-01-02T03:04:05Z",
      finishedOn: undefined,
      parameters: [
        ["source", "https://git.example/shop"],
        ["tenantId", "default"],
        ["appId", "shop"],
        ["parameters.target", "prod"],
      ],
      dependencies: [
        { uri: "https://git.example/shop", digests: [`gitCommit:${COMMIT}`] },
        { uri: "pkg:oci/base", digests: [`sha256:${"5".repeat(64)}`] },
      ],
      left: 0,
    });
  });

  it("leaves out what is of another type, and is none of something else", () => {
    const odd = {
      buildDefinition: { buildType: 1, externalParameters: [true, { a: null }], resolvedDependencies: {} },
    };
    expect(readProvenance(odd)).toMatchObject({ buildType: undefined, parameters: [["0", "true"]], dependencies: [] });
    for (const other of [null, [], "text", 7, { builder: { id: "x" } }]) expect(readProvenance(other)).toBeUndefined();
  });

  it("lists so much as a person reads, and says how much more there is", () => {
    const many = Object.fromEntries(Array.from({ length: 150 }, (_, at) => [`p${at}`, "x"]));
    const deep = { a: { b: { c: { d: { e: 1 } } } } };
    const read = readProvenance({ buildDefinition: { externalParameters: many } });
    expect(read?.parameters).toHaveLength(100);
    expect(read?.left).toBe(50);
    expect(readProvenance({ buildDefinition: { externalParameters: deep } })?.parameters).toEqual([
      ["a.b.c.d", '{"e":1}'],
    ]);
  });
});
