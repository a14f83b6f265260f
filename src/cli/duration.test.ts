import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseDuration } from "#cli/duration.ts";
import { WaybillError } from "#core/errors.ts";

describe("parseDuration", () => {
  it.each([
    ["0", 0],
    ["3m", 180_000],
    ["3m0s", 180_000],
    ["1h30m", 5_400_000],
    ["1.5s", 1500],
    [".5s", 500],
    ["250ms", 250],
    ["500us", 0.5],
    ["500µs", 0.5],
    ["596h", 2_145_600_000],
  ])("reads %s", (text, ms) => {
    expect(parseDuration(text, "--timeout")).toBeCloseTo(ms, 6);
  });

  it.each(["", "3", "m", "-3m", "3 m", "3m x", "1e3s", "3d", "597h", "3m-1s", " 3m"])("refuses %j", (text) => {
    expect(() => parseDuration(text, "--timeout")).toThrow(WaybillError);
  });

  it("reads what adds up, and refuses anything else with a code", () => {
    fc.assert(
      fc.property(fc.nat(99), fc.nat(59), fc.nat(59), (h, m, s) => {
        expect(parseDuration(`${h}h${m}m${s}s`, "x")).toBe(((h * 60 + m) * 60 + s) * 1000);
      }),
    );
  });

  it("refuses everything else with a code", () => {
    const outcome = (text: string): unknown => {
      try {
        return parseDuration(text, "x") >= 0;
      } catch (error) {
        return error instanceof WaybillError && error.code === "USAGE_INVALID";
      }
    };
    const piece = fc.constantFrom("1", "5", ".", "m", "s", "h", "ms", "-", " ", "µ", "e");
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece).map((pieces) => pieces.join("")),
        ),
        (text) => {
          expect(outcome(text)).toBe(true);
        },
      ),
    );
  });
});
