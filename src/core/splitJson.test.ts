import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { splitJson } from "#core/splitJson.ts";
import { codeOf } from "../../test/fakes/codeOf.ts";

const texts = (text: string): readonly string[] =>
  splitJson(Buffer.from(text), "file").map((one) => Buffer.from(one).toString());

describe("splitJson", () => {
  it("gives the exact bytes of each object, whatever is written between them", () => {
    const object = fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 4 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(object, fc.constantFrom("", " ", "\n", "\r\n\t"), fc.constantFrom(0, 2))),
        (all) => {
          const written = all.map(([value, , indent]) => JSON.stringify(value, null, indent));
          const joined = all.map(([, between], at) => `${between}${written[at] ?? ""}`).join("");
          expect(texts(joined)).toEqual(written);
        },
      ),
    );
  });

  it.each(['{"a":1', '{"a":"}', "[1]", "{} x", '"text"', "1", "}", '{"a":"\\"}'])("refuses %s", (text) => {
    expect(codeOf(() => texts(text))).toBe("INPUT_INVALID");
  });

  it("ends at a thousand", () => {
    expect(texts("{}".repeat(1000))).toHaveLength(1000);
    expect(codeOf(() => texts("{}".repeat(1001)))).toBe("LIMIT_EXCEEDED");
  });

  it("finds nothing in nothing", () => {
    expect(texts(" \n")).toEqual([]);
  });
});
