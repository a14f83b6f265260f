import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeName, normaliseName } from "#archive/entryName.ts";

describe("normaliseName", () => {
  it.each([
    ["a/b", "a/b", false],
    ["./a", "a", false],
    ["/a//b/", "a/b", false],
    ["/./etc/x", "etc/x", false],
    ["a/./b/../c", "a/c", false],
    ["a/..b/.c/d..", "a/..b/.c/d..", false],
    ["", "", false],
    [".", "", false],
    ["../../etc/passwd", "etc/passwd", true],
    ["a/../../b", "b", true],
    ["..", "", true],
  ])("makes %j %j", (name, path, escaped) => {
    expect(normaliseName(name)).toEqual({ path, escaped });
  });

  it("never leaves a part that means something else than a name, and is stable", () => {
    const part = fc.constantFrom("", ".", "..", "a", ".b", "...");
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        const { path } = normaliseName(parts.join("/"));
        const safe = path === "" || path.split("/").every((one) => !["", ".", ".."].includes(one));
        expect(safe && normaliseName(path).path === path).toBe(true);
      }),
    );
  });
});

describe("decodeName", () => {
  it("keeps UTF-8 and shows other bytes as escapes", () => {
    expect(decodeName(Buffer.from("été/日本"))).toBe("été/日本");
    expect(decodeName(Buffer.from([0x63, 0xe9, 0x2f, 0xff]))).toBe("c\\xE9/\\xFF");
    expect(decodeName(Buffer.from("dev\\x2ddisk"))).toBe("dev\\x2ddisk");
  });

  it("never makes two names one, and always gives well-formed text", () => {
    const name = fc.oneof(
      fc.uint8Array({ maxLength: 6 }),
      fc.constantFrom("\\xE9", "\\x5C", "\\x5CxE9", "\\").map((text) => Uint8Array.from(Buffer.from(text))),
    );
    const joined = fc.array(name, { maxLength: 3 }).map((parts) => Buffer.concat(parts));
    fc.assert(
      fc.property(joined, joined, (a, b) => {
        const [left, right] = [decodeName(a), decodeName(b)];
        expect(left.isWellFormed()).toBe(true);
        expect(left === right).toBe(Buffer.compare(a, b) === 0);
      }),
      { numRuns: 2000 },
    );
  });
});
