import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { writeProvenance } from "#claims/provenance.ts";
import type { Build, BuildFacts } from "#records/build.ts";
import { buildProvenanceFacts } from "#app/buildProvenanceFacts.ts";
import { checkBuildFacts } from "#app/checkBuildFacts.ts";
import { readBuildProvenance } from "#app/readBuildProvenance.ts";

const BUILD: Omit<Build, "facts"> = {
  tenant: "default",
  app: "my-app",
  id: "build-1",
  row: "1",
  image: undefined,
  state: "pending",
  reason: undefined,
  operation: undefined,
  createdAt: 0,
  updatedAt: 0,
};

const roundTrip = (facts: BuildFacts, version: "1" | "0.2" = "1") => {
  const { provenance, annotations } = buildProvenanceFacts({ ...BUILD, facts }, "https://waybill.example/builder");
  const read = readBuildProvenance(writeProvenance(provenance, version));
  return { tenant: read.tenant, facts: read.factsFor(annotations["commit_sha"]) };
};

const LETTERS = ["a", "Z", "0", "9", " ", ".", "_", "-", "é", "😀", '"', "\\"];
const text = fc.string({ unit: fc.constantFrom(...LETTERS), minLength: 1, maxLength: 20 });
const hex = fc.stringMatching(/^[0-9a-fA-F]{40}$/);
const names = text.filter((name) => name !== "builder" && name !== "commit_sha");

const anyFacts = fc.record({
  source: fc.option(fc.constantFrom("https://git.example/app", "git+ssh://git.example/a"), { nil: undefined }),
  commitSha: fc.option(fc.oneof(hex, text), { nil: undefined }),
  builder: fc.option(text, { nil: undefined }),
  parameters: fc.dictionary(fc.oneof(names, fc.constant("__proto__")), text, { noNullPrototype: true }),
});

describe("readBuildProvenance", () => {
  it("gives back the facts that the service signed", () => {
    fc.assert(
      fc.property(anyFacts, (given) => {
        const facts = checkBuildFacts(given);
        expect(roundTrip(facts)).toEqual({ tenant: "default", facts });
      }),
    );
  });

  it("keeps a parameter that is named as a commit in full, and as a commit that is not known", () => {
    const known = { source: undefined, builder: undefined, commitSha: "ab".repeat(20) };
    const facts = { ...known, parameters: { commit_sha: known.commitSha } };
    expect(roundTrip(facts).facts).toEqual(facts);
    const unknown = { ...facts, commitSha: undefined };
    expect(roundTrip(unknown).facts).toEqual(unknown);
  });

  it("takes a parameter for the fact of the same name and value", () => {
    const facts = { source: undefined, commitSha: "deadbeef", builder: "kaniko", parameters: {} };
    const twice = { ...facts, parameters: { builder: "kaniko", commit_sha: "deadbeef" } };
    expect(roundTrip(twice).facts).toEqual(facts);
  });

  it("has no facts for another commit than the one it names", () => {
    for (const commitSha of ["deadbeef", "ab".repeat(20)]) {
      const { provenance } = buildProvenanceFacts(
        { ...BUILD, facts: { source: undefined, commitSha, builder: undefined, parameters: {} } },
        "https://waybill.example/builder",
      );
      const read = readBuildProvenance(writeProvenance(provenance, "1"));
      expect(read.factsFor(commitSha)).toMatchObject({ commitSha });
      for (const other of ["cafe", "cd".repeat(20)]) expect(read.factsFor(other)).toBeUndefined();
    }
  });

  it("reads the tenant alone out of the older format", () => {
    const facts = { source: undefined, commitSha: undefined, builder: undefined, parameters: {} };
    expect(roundTrip(facts, "0.2")).toEqual({ tenant: "default", facts: undefined });
  });

  it("says nothing of what is no provenance, and never throws", () => {
    const shapes = fc.record(
      {
        buildDefinition: fc.record({
          externalParameters: fc.oneof(
            fc.jsonValue(),
            fc.record({ parameters: fc.jsonValue(), source: fc.jsonValue() }, { requiredKeys: [] }),
          ),
          resolvedDependencies: fc.jsonValue(),
        }),
        invocation: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(
        fc.oneof(
          shapes.map((one) => JSON.stringify(one)),
          fc.string(),
        ),
        (written) => {
          const { tenant, factsFor } = readBuildProvenance(Buffer.from(written));
          expect([undefined, "string"]).toContain(tenant === undefined ? undefined : typeof tenant);
          expect(Object.values(factsFor(undefined)?.parameters ?? {}).every((one) => typeof one === "string")).toBe(
            true,
          );
        },
      ),
    );
    const number = Buffer.from('{"buildDefinition":{"externalParameters":{"parameters":{"a":1}}}}');
    expect(readBuildProvenance(number).factsFor(undefined)).toBeUndefined();
  });
});
