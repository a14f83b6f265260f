import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sortedMap, writeGoJson, writeProtoJson } from "#claims/goJson.ts";
import type { GoJson } from "#claims/goJson.ts";
import { codeOf } from "../../test/fakes/codeOf.ts";

const go = (value: GoJson): string => Buffer.from(writeGoJson(value)).toString();

describe("writeGoJson", () => {
  it("escapes what Go escapes, and nothing else", () => {
    expect(go('<a href="x">&\u2028\u2029\u007fé😀\n\t\b\f\u0001')).toBe(
      String.raw`"\u003ca href=\"x\"\u003e\u0026\u2028\u2029` + "\u007fé😀" + String.raw`\n\t\b\f\u0001"`,
    );
  });

  it("escapes names as well", () => {
    expect(go({ "<": 1 })).toBe(String.raw`{"\u003c":1}`);
  });

  it("keeps member order and leaves undefined members out", () => {
    expect(go({ b: 1, a: undefined, c: [null, true, "x"] })).toBe('{"b":1,"c":[null,true,"x"]}');
  });

  it("sorts maps by bytes, number-like keys and astral characters included", () => {
    const record = { "9": "", "10": "", "\uffee": "", "😀": "", Z: "", a: "" };
    expect([...sortedMap(record).keys()]).toEqual(["10", "9", "Z", "a", "\uffee", "😀"]);
    expect(go(sortedMap({ "9": "x", "10": "y" }))).toBe('{"10":"y","9":"x"}');
  });

  it("refuses half of a surrogate pair in values and names", () => {
    expect(codeOf(() => writeGoJson("\ud800"))).toBe("INPUT_INVALID");
    expect(codeOf(() => writeGoJson(sortedMap({ "\udc00": "" })))).toBe("INPUT_INVALID");
  });

  it("reads back as it was", () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: "binary", maxDepth: 2 }), (value) => {
        const plain = JSON.parse(JSON.stringify(value)) as GoJson;
        expect(JSON.parse(go(plain))).toEqual(plain);
        expect(JSON.parse(Buffer.from(writeProtoJson(plain)).toString())).toEqual(plain);
      }),
    );
  });
});

describe("writeProtoJson", () => {
  it("leaves HTML alone", () => {
    expect(Buffer.from(writeProtoJson("<&>\u2028")).toString()).toBe('"<&>\u2028"');
  });
});
