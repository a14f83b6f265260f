import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { retryAfter } from "#net/retryAfter.ts";

const NOW = Date.UTC(2026, 0, 1);

describe("retryAfter", () => {
  it.each([
    ["0", 0],
    ["7", 7000],
    [" 120 ", 120_000],
    [new Date(NOW + 5000).toUTCString(), 5000],
    [new Date(NOW - 5000).toUTCString(), 0],
    ["-1", undefined],
    ["1.5", undefined],
    ["soon", undefined],
    ["2026-01-01T00:00:05Z", undefined],
    ["9999999999999999", undefined],
    [undefined, undefined],
  ])("reads %j as %j ms", (value, ms) => {
    expect(retryAfter(value, NOW)).toBe(ms);
  });

  it("takes any text for a time to come or for nothing", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(retryAfter(text, NOW) ?? 0).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
