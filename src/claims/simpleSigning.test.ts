import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { onlyStrings } from "#claims/statement.ts";
import { readSimpleSigning, writeSimpleSigning } from "#claims/simpleSigning.ts";
import { digestOf } from "#core/digest.ts";
import { hasCode } from "#core/errors.ts";
import { codeOf } from "../../test/fakes/codeOf.ts";

const digest = digestOf("image");
const write = (annotations: Record<string, string>, dockerReference = "example.com/app"): string =>
  Buffer.from(writeSimpleSigning({ dockerReference, digest, annotations })).toString();

describe("writeSimpleSigning", () => {
  it("writes cosign's bytes without annotations", () => {
    expect(write({})).toBe(
      `{"critical":{"identity":{"docker-reference":"example.com/app"},"image":{"docker-manifest-digest":"${digest}"},` +
        `"type":"cosign container image signature"},"optional":null}`,
    );
  });

  it("sorts annotations by bytes and escapes as Go", () => {
    expect(write({ b: "<x>", "10": "1", "9": "2" })).toContain(`"optional":{"10":"1","9":"2","b":"\\u003cx\\u003e"}}`);
  });
});

describe("readSimpleSigning", () => {
  it("reads what is written, whatever the names and values", () => {
    const text = fc.string({ unit: "grapheme", maxLength: 20 });
    fc.assert(
      fc.property(fc.dictionary(text, text), text, (annotations, dockerReference) => {
        const read = readSimpleSigning(Buffer.from(write(annotations, dockerReference)));
        expect(read).toMatchObject({ digest, dockerReference, type: "cosign container image signature" });
        expect(new Map(Object.entries(onlyStrings(read.optional)))).toEqual(new Map(Object.entries(annotations)));
      }),
    );
  });

  it("keeps unknown members and annotations that are no strings", () => {
    const bent = write({ a: "1" }).replace('"a":"1"', '"a":"1","n":2,"creator":null').replace("{", '{"more":[],');
    const { optional, document } = readSimpleSigning(Buffer.from(bent));
    expect(optional).toEqual({ a: "1", n: 2, creator: null });
    expect(document).toMatchObject({ more: [] });
    expect(onlyStrings(optional)).toEqual({ a: "1" });
  });

  it.each([
    ["no digest", (text: string) => text.replace(digest, "")],
    ["no image", (text: string) => text.replace('"image":', '"picture":')],
    ["no reference", (text: string) => text.replace('"docker-reference":', '"reference":')],
    ["no type", (text: string) => text.replace('"type":', '"kind":')],
    ["a type that is a number", (text: string) => text.replace('"cosign container image signature"', "1")],
    ["optional that is a list", (text: string) => text.replace("null", "[]")],
    ["critical that is null", () => '{"critical":null,"optional":null}'],
    ["a list", () => "[]"],
  ])("refuses %s", (_, bend) => {
    expect(codeOf(() => readSimpleSigning(Buffer.from(bend(write({})))))).toBe("INPUT_INVALID");
  });

  it("answers any bytes with a payload or a coded error", () => {
    const keys = fc.constantFrom("critical", "image", "identity", "type", "optional", "docker-manifest-digest");
    const tree = fc.dictionary(keys, fc.oneof(fc.jsonValue(), fc.dictionary(keys, fc.jsonValue())));
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      tree.map((value) => Buffer.from(JSON.stringify(value))),
    );
    fc.assert(
      fc.property(bytes, (input) => {
        let thrown: unknown;
        try {
          readSimpleSigning(input);
        } catch (error) {
          thrown = error;
        }
        expect(thrown === undefined || hasCode(thrown, "INPUT_INVALID", "LIMIT_EXCEEDED")).toBe(true);
      }),
    );
  });
});
