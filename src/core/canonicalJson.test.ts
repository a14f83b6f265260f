import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson } from "#core/canonicalJson.ts";
import { parseStrict } from "#core/strictJson.ts";
import type { Json } from "#core/strictJson.ts";

const canonical = (value: Json): string => canonicalJson(value).toString();

describe("canonicalJson", () => {
  it("sorts names, leaves out spaces, escapes nothing but quote and backslash", () => {
    expect(canonical({ b: [1, true, null], a: { "\\": 'x"y', é: "\n" } })).toBe(
      '{"a":{"\\\\":"x\\"y","é":"\n"},"b":[1,true,null]}',
    );
  });

  it("sorts by code point, as Python and Go do, not by UTF-16 unit", () => {
    expect(canonical({ "\u{1F600}": 1, "\uFF5E": 2 })).toBe('{"\uFF5E":2,"\u{1F600}":1}');
  });

  it("says the same of -0 and 0", () => {
    expect(canonical([-0])).toBe("[0]");
  });

  it.each([0.5, 2 ** 53])("refuses %d, which readers would write in different ways", (value) => {
    expect(() => canonical([value])).toThrow("not a whole number");
  });

  it("does not depend on the order or the spacing in which a document came", () => {
    const values = fc.letrec<{ any: Json }>((tie) => ({
      any: fc.oneof(
        { maxDepth: 3 },
        fc.string({ unit: "grapheme" }),
        fc.maxSafeInteger(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie("any"), { maxLength: 4 }),
        fc.dictionary(fc.string({ unit: "grapheme" }), tie("any"), { maxKeys: 4 }),
      ),
    })).any;
    fc.assert(
      fc.property(values, (value) => {
        const spaced = Buffer.from(JSON.stringify(value, undefined, 2));
        expect(canonical(parseStrict(spaced, "document"))).toBe(canonical(value));
        expect(canonical(reversed(value))).toBe(canonical(value));
      }),
    );
  });
});

const reversed = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([name, one]) => [name, reversed(one)]),
  );
};
