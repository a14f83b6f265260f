import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readProtoTime, writeProtoTime } from "#claims/protoTime.ts";

const again = (text: string): string | undefined => {
  const time = readProtoTime(text);
  return time === undefined ? undefined : writeProtoTime(time);
};

describe("readProtoTime", () => {
  // Each as cosign 3.1.2's signing-config create answers.
  it.each([
    ["2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z"],
    ["2025-01-01T01:00:00.5+01:00", "2025-01-01T00:00:00.500Z"],
    ["2022-10-31T23:59:59.999000Z", "2022-10-31T23:59:59.999Z"],
    ["2024-02-29T23:59:59.123456-23:59", "2024-03-01T23:58:59.123456Z"],
    ["2024-01-01T00:00:00.123456789Z", "2024-01-01T00:00:00.123456789Z"],
    ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"],
  ])("reads %s", (text, written) => {
    expect(again(text)).toBe(written);
  });

  it.each([
    "2025-01-01",
    "2024-01-01t00:00:00z",
    "2024-01-01T24:00:00Z",
    "2023-02-29T00:00:00Z",
    "2024-13-01T00:00:00Z",
    "2024-00-01T00:00:00Z",
    "2016-12-31T23:59:60Z",
    "2024-01-01T00:00:00+24:00",
    "2024-01-01T00:00:00",
    "2024-01-01T00:00:00.Z",
    "2024-01-01T00:00:00.1234567890Z",
    "0000-01-01T00:00:00Z",
    " 2024-01-01T00:00:00Z",
    "2024-01-01T00:00:00Z\n",
  ])("refuses %j", (text) => {
    expect(readProtoTime(text)).toBeUndefined();
  });

  it("reads back what JavaScript writes of any moment", () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date("0001-01-02"), max: new Date("9999-12-30"), noInvalidDate: true }),
        (date) => {
          expect(readProtoTime(date.toISOString())?.date).toEqual(date);
        },
      ),
    );
  });
});
