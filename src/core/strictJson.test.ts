import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hasCode } from "#core/errors.ts";
import { parseStrict, parseStrictDocument } from "#core/strictJson.ts";

const parse = (text: string | Uint8Array) => parseStrict(typeof text === "string" ? Buffer.from(text) : text, "test");
const code = (text: string | Uint8Array, limits?: Parameters<typeof parseStrict>[2]): string => {
  try {
    parseStrict(typeof text === "string" ? Buffer.from(text) : text, "test", limits);
  } catch (error) {
    if (hasCode(error, "INPUT_INVALID", "LIMIT_EXCEEDED")) return error.code;
    throw error;
  }
  return "accepted";
};

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

describe("parseStrict", () => {
  it.each([
    ["a name twice", '{"a":1,"a":2}'],
    ["a name twice, once escaped", '{"a":1,"\\u0061":2}'],
    ["a name twice, nested", '{"x":[{"a":1,"a":1}]}'],
    ["__proto__ twice", '{"__proto__":1,"__proto__":2}'],
    ["a BOM", "\ufeff{}"],
    ["bytes after the end", "{} {}"],
    ["a NUL after the end", "{}\0"],
    ["nothing", ""],
    ["a comment", "{/**/}"],
    ["a trailing comma", "[1,]"],
    ["single quotes", "{'a':1}"],
    ["NaN", "NaN"],
    ["a leading zero", "01"],
    ["a plus", "+1"],
    ["a bare point", "1."],
    ["an integer readers round", "9007199254740993"],
    ["a number beyond doubles", "1e999"],
    ["a lone surrogate", '"\\ud800"'],
    ["a raw line feed in a string", '"a\nb"'],
    ["an unknown escape", '"\\x41"'],
    ["no end of string", '"abc'],
    ["no end of object", '{"a":1'],
  ])("attack 24: refuses %s", (_, text) => {
    expect(code(text)).toBe("INPUT_INVALID");
  });

  it("attack 24: refuses invalid UTF-8, overlong forms included", () => {
    expect(code(Uint8Array.of(0x22, 0xff, 0x22))).toBe("INPUT_INVALID");
    expect(code(Uint8Array.of(0x22, 0xc0, 0xaf, 0x22))).toBe("INPUT_INVALID");
    expect(code(Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22))).toBe("INPUT_INVALID");
  });

  it("attack 24: __proto__ is an ordinary name of an object that inherits nothing", () => {
    const value = parse('{"__proto__":{"admin":true}}') as Record<string, unknown>;
    const parent = Object.getPrototypeOf(value) as object;
    expect([Reflect.ownKeys(parent), Object.isFrozen(parent), Object.getPrototypeOf(parent)]).toEqual([[], true, null]);
    expect("toString" in value).toBe(false);
    expect(Object.keys(value)).toEqual(["__proto__"]);
    expect((value as { admin?: unknown }).admin).toBe(undefined);
  });

  it("attack 29: bytes, depth and count are capped", () => {
    const limits = { maxBytes: 1000, maxDepth: 5, maxValues: 10 };
    expect(code("[".repeat(7) + "]".repeat(7), limits)).toBe("LIMIT_EXCEEDED");
    expect(code("[1,2,3,4,5,6,7,8,9,10,11]", limits)).toBe("LIMIT_EXCEEDED");
    expect(code(`"${"x".repeat(1000)}"`, limits)).toBe("LIMIT_EXCEEDED");
    expect(code("[".repeat(1_000_000))).toBe("LIMIT_EXCEEDED");
  });

  it("reads whatever JSON.stringify writes to the same value", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom(undefined, 1, "\t"), (value, indent) => {
        const text = JSON.stringify(value, undefined, indent);
        // Lone surrogates and integers beyond 2^53 are refused on purpose.
        if (/\\ud[89a-f]/i.test(text) || /(?<![.0-9])[0-9]{16,}(?![.0-9e])/.test(text)) return;
        expect(JSON.stringify(parse(text))).toBe(JSON.stringify(JSON.parse(text)));
      }),
    );
  });

  it("accepts nothing that JSON.parse refuses, and ends on any bytes", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[[\]{}",:0-9eE.\\nutrlsfa -]{0,40}$/)), (text) => {
        expect(code(text) !== "accepted" || isJson(text)).toBe(true);
      }),
      { numRuns: 3000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(["accepted", "INPUT_INVALID"]).toContain(code(bytes));
      }),
    );
  });
});

describe("parseStrictDocument", () => {
  it("slices a member's exact bytes, beyond characters of several bytes", () => {
    const text = '{ "nämé€😀" : "x" ,\n "predicate" :  { "b" : 1.0, "a":"é" } }';
    const bytes = parseStrictDocument(Buffer.from(text), "test").memberBytes("predicate");
    expect(Buffer.from(bytes ?? []).toString()).toBe('{ "b" : 1.0, "a":"é" }');
  });

  it("knows only members of the top object", () => {
    const document = parseStrictDocument(Buffer.from('{"a":{"inner":1}}'), "test");
    expect(document.memberBytes("inner")).toBe(undefined);
  });
});
