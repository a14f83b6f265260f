import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readStatement, writeSignatureStatement, writeStatement } from "#claims/statement.ts";
import { digestHex, digestOf } from "#core/digest.ts";
import { hasCode } from "#core/errors.ts";
import { codeOf } from "../../test/fakes/codeOf.ts";

const digest = digestOf("image");
const hex = digestHex(digest);
const TYPE = "https://example.com/review/v1";
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

describe("writeStatement", () => {
  it("puts the predicate's bytes last, as they are", () => {
    const predicate = Buffer.from('{ "b" : 1.50,\n "a":"\\u003c" }');
    const bytes = writeStatement({ subjects: [{ name: "example.com/app", digest }], predicateType: TYPE, predicate });
    expect(text(bytes)).toBe(
      `{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"example.com/app","digest":{"sha256":"${hex}"}}],` +
        `"predicateType":"${TYPE}","predicate":{ "b" : 1.50,\n "a":"\\u003c" }}`,
    );
    expect(text(readStatement(bytes).predicateBytes ?? Buffer.of())).toBe(predicate.toString());
  });

  it("gives any predicate back byte for byte", () => {
    const leaf = fc.oneof(fc.string({ unit: "grapheme" }), fc.integer(), fc.boolean(), fc.constant(null));
    const tree = fc.object({ values: [leaf], maxDepth: 2 });
    fc.assert(
      fc.property(tree, fc.constantFrom(0, 1, 3), (it, indent) => {
        const predicate = JSON.stringify({ it }, undefined, indent);
        const input = { subjects: [{ digest }], predicateType: TYPE, predicate: Buffer.from(predicate) };
        expect(text(readStatement(writeStatement(input)).predicateBytes ?? Buffer.of())).toBe(predicate);
      }),
    );
  });
});

describe("writeSignatureStatement", () => {
  it("writes cosign's bytes", () => {
    expect(text(writeSignatureStatement({ digest, annotations: { b: "<", a: "1" } }))).toBe(
      `{"_type":"https://in-toto.io/Statement/v1","subject":[{"digest":{"sha256":"${hex}"},"annotations":{"a":"1","b":"<"}}],` +
        `"predicateType":"https://sigstore.dev/cosign/sign/v1","predicate":{}}`,
    );
    expect(text(writeSignatureStatement({ digest, annotations: {} }))).toContain('"annotations":{}}]');
  });
});

const make = (change: object): Buffer => {
  const good = {
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ digest: { sha256: hex } }],
    predicateType: TYPE,
  };
  return Buffer.from(JSON.stringify({ ...good, ...change }));
};

describe("readStatement", () => {
  it("reads both versions, an absent and a null predicate", () => {
    expect(readStatement(make({})).predicateBytes).toBeUndefined();
    expect(readStatement(make({ predicate: null })).predicateBytes).toBeUndefined();
    expect(readStatement(make({ _type: "https://in-toto.io/Statement/v0.1" })).type).toBe(
      "https://in-toto.io/Statement/v0.1",
    );
  });

  it("keeps subjects without a sha256, as naming no image", () => {
    const subject = [{ name: "source", digest: { gitCommit: "00" } }, { digest: { sha256: hex, sha512: "x" } }];
    const { subjects } = readStatement(make({ subject }));
    expect(subjects.map((one) => [one.name, one.digest])).toEqual([
      ["source", undefined],
      [undefined, digest],
    ]);
  });

  it("keeps the annotations that are strings", () => {
    const subject = [{ digest: { sha256: hex }, annotations: { a: "1", b: 2, c: null } }];
    expect(readStatement(make({ subject })).subjects[0]?.annotations).toEqual({ a: "1" });
  });

  it.each([
    ["no subject", { subject: undefined }],
    ["an empty list of subjects", { subject: [] }],
    ["a subject that is null", { subject: [null] }],
    ["a good subject beside a null one", { subject: [{ digest: { sha256: hex } }, null] }],
    ["a subject without digest", { subject: [{ name: "x" }] }],
    ["an empty digest", { subject: [{ digest: {} }] }],
    ["a digest that is a text", { subject: [{ digest: hex }] }],
    ["a digest in upper case", { subject: [{ digest: { sha256: hex.toUpperCase() } }] }],
    ["a digest value that is no text", { subject: [{ digest: { sha256: hex, x: 1 } }] }],
    ["a name that is no text", { subject: [{ name: 1, digest: { sha256: hex } }] }],
    ["annotations that are a list", { subject: [{ digest: { sha256: hex }, annotations: [] }] }],
    ["no predicateType", { predicateType: undefined }],
    ["an empty predicateType", { predicateType: "" }],
    ["an unknown type", { _type: "https://in-toto.io/Statement/v2" }],
    ["no type", { _type: undefined }],
    ["a twin of predicate", { Predicate: {} }],
  ])("refuses %s", (_, change) => {
    expect(codeOf(() => readStatement(make(change)))).toBe("INPUT_INVALID");
  });

  it("answers any JSON with a statement or a coded error", () => {
    const keys = fc.constantFrom("_type", "subject", "predicateType", "predicate");
    const subject = fc.array(
      fc.dictionary(fc.constantFrom("digest", "name", "annotations"), fc.jsonValue({ maxDepth: 1 })),
    );
    fc.assert(
      fc.property(fc.dictionary(keys, fc.oneof(fc.jsonValue({ maxDepth: 2 }), subject)), (change) => {
        let thrown: unknown;
        try {
          readStatement(make(change));
        } catch (error) {
          thrown = error;
        }
        expect(thrown === undefined || hasCode(thrown, "INPUT_INVALID", "LIMIT_EXCEEDED")).toBe(true);
      }),
    );
  });
});
