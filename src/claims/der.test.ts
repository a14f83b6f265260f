import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { certificateFacts } from "#claims/certificateFacts.ts";
import { DER, derWithin, readDer } from "#claims/der.ts";
import { timestampTime } from "#claims/timestampTime.ts";

const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);
const tlv = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag, content.byteLength]), content]);
};

/** A token with nothing but what leads to the time. */
const token = (time: string): Uint8Array => {
  const info = tlv(0x30, bytes(2, 1, 1), bytes(6, 1, 1), tlv(0x30), bytes(2, 1, 1), tlv(0x18, Buffer.from(time)));
  const oid = tlv(0x06, Buffer.from("2a864886f70d0109100104", "hex"));
  const signed = tlv(0x30, bytes(2, 1, 3), tlv(0x31), tlv(0x30, oid, tlv(0xa0, tlv(0x04, info))));
  return tlv(0x30, tlv(0x30), tlv(0x30, tlv(0x06), tlv(0xa0, signed)));
};

describe("readDer", () => {
  it("reads values one after another, with lengths of either form", () => {
    const long = Buffer.concat([bytes(0x04, 0x81, 0x80), Buffer.alloc(128)]);
    expect(readDer(Buffer.concat([bytes(0x02, 1, 7), long]))).toMatchObject([{ tag: 2 }, { tag: DER.octetString }]);
    expect(derWithin(readDer(tlv(0x30, bytes(2, 1, 7))), 0, DER.sequence)).toMatchObject([{ tag: 2 }]);
  });

  it.each([
    ["a value that is cut off", bytes(0x30, 5, 0)],
    ["a length that is cut off", bytes(0x30, 0x82, 1)],
    ["an indefinite length", bytes(0x30, 0x80, 0, 0)],
    ["a tag of several octets", bytes(0x1f, 0x81, 1, 0)],
    ["a length that nothing has", bytes(0x30, 0x84, 0, 0, 0, 0)],
  ])("finds nothing in %s", (_, value) => {
    expect(readDer(value)).toBeUndefined();
  });
});

describe("timestampTime", () => {
  it.each([
    ["20260513192333Z", "2026-05-13T19:23:33.000Z"],
    ["20260513192333.5Z", "2026-05-13T19:23:33.500Z"],
    ["20260513192333.1234567Z", "2026-05-13T19:23:33.123Z"],
    ["20260513192333.1234567890123456789Z", "2026-05-13T19:23:33.123Z"],
  ])("reads %s", (text, time) => {
    expect(timestampTime(token(text))?.toISOString()).toBe(time);
  });

  it.each(["20261313192333Z", "20260513192333", "20260513192333+0100", "202605131923Z"])(
    "takes %s for no time",
    (text) => {
      expect(timestampTime(token(text))).toBeUndefined();
    },
  );
});

it("nothing that is read for people ever throws", () => {
  const part = fc.constantFrom(0x30, 0x04, 0x06, 0xa0, 0xa3, 0x18, 0, 1, 2, 4, 0x80, 0x81);
  const damaged = fc
    .tuple(fc.nat(), fc.nat({ max: 255 }))
    .map(([at, byte]) => Buffer.from(token("20260513192333Z")).fill(byte, at % 60, (at % 60) + 1));
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        fc.array(part).map((all) => Uint8Array.from(all)),
        damaged,
      ),
      (value) => {
        expect(timestampTime(value)?.getTime()).not.toBeNaN();
        expect(certificateFacts(value)).toBeUndefined();
      },
    ),
  );
});
