import { describe, expect, it } from "vitest";
import { isWithin, overlaps } from "#trust/window.ts";

const day = (text: string | undefined): Date | undefined => (text === undefined ? undefined : new Date(text));
const from = (start?: string, end?: string) => ({ start: day(start), end: day(end) });

describe("isWithin", () => {
  it.each([
    ["2024-01-01", "2024-02-01", "2024-01-01", true],
    ["2024-01-01", "2024-02-01", "2024-02-01", true],
    ["2024-01-01", "2024-02-01", "2024-02-01T00:00:00.001Z", false],
    ["2024-01-01", "2024-02-01", "2023-12-31T23:59:59.999Z", false],
    [undefined, "2024-02-01", "1970-01-01", true],
    ["2024-01-01", undefined, "2999-01-01", true],
  ])("from %s to %s, at %s: %s", (start, end, at, within) => {
    expect(isWithin(from(start, end), new Date(at))).toBe(within);
  });
});

describe("overlaps", () => {
  it.each([
    [from("2024-01-01", "2024-02-01"), from("2024-02-01", "2024-03-01"), true],
    [from("2024-01-01", "2024-02-01"), from("2024-02-02"), false],
    [from("2024-01-01"), from(undefined, "2023-01-01"), false],
    [from(), from("2024-01-01"), true],
  ])("%o and %o: %s", (one, other, both) => {
    expect(overlaps(one, other)).toBe(both);
    expect(overlaps(other, one)).toBe(both);
  });
});
