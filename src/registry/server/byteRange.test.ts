import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseChunkRange, parseRange } from "#registry/server/byteRange.ts";

describe("Range", () => {
  it.each([
    ["bytes=0-0", { start: 0, end: 1 }],
    ["bytes=2-4", { start: 2, end: 5 }],
    ["bytes=2-", { start: 2, end: 10 }],
    ["bytes=-3", { start: 7, end: 10 }],
    ["bytes=-300", { start: 0, end: 10 }],
    ["bytes=9-999999999999999", { start: 9, end: 10 }],
    ["bytes=10-", "unsatisfiable"],
    ["bytes=-0", "unsatisfiable"],
    ["bytes=5-4", "unsatisfiable"],
    ["bytes=-", undefined],
    ["bytes=0-1,4-5", undefined],
    ["items=0-1", undefined],
    ["bytes=a-b", undefined],
    [undefined, undefined],
  ])("%s of ten bytes", (header, range) => expect(parseRange(header, 10)).toEqual(range));

  it("never leaves the blob", () => {
    const number = fc.oneof(fc.constant(""), fc.nat(30).map(String), fc.stringMatching(/^\d{1,20}$/));
    fc.assert(
      fc.property(number, number, fc.nat(20), (first, last, size) => {
        const range = parseRange(`bytes=${first}-${last}`, size);
        if (range === undefined || range === "unsatisfiable") return;
        expect(range.start).toBeGreaterThanOrEqual(0);
        expect(range.end).toBeGreaterThan(range.start);
        expect(range.end).toBeLessThanOrEqual(size);
      }),
    );
  });
});

describe("Content-Range of a chunk", () => {
  it.each([
    ["0-9", { start: 0, end: 10 }],
    ["10-10", { start: 10, end: 11 }],
    ["bytes 5-9/*", { start: 5, end: 10 }],
    ["9-5", undefined],
    ["-5", undefined],
    ["5-", undefined],
    ["x", undefined],
  ])("%s", (header, range) => expect(parseChunkRange(header)).toEqual(range));
});
