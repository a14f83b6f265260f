import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  demandTag,
  readDerBits,
  readDerInteger,
  readDerList,
  readDerOid,
  readDerTime,
  readDerValue,
  TAG,
} from "#claims/strictDer.ts";
import { writeDer, writeDerBits, writeDerInteger, writeDerOid, writeDerTime } from "#claims/writeDer.ts";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

describe("writeDer", () => {
  it("writes known values", () => {
    expect(hex(writeDer(TAG.sequence))).toBe("3000");
    expect(hex(writeDer(TAG.sequence, writeDerInteger(1), writeDer(TAG.null)))).toBe("30050201010500");
    expect(hex(writeDerOid("1.3.6.1.4.1.57264.1.8"))).toBe("060a2b0601040183bf300108");
    expect(hex(writeDerOid("2.999.3"))).toBe("0603883703");
    const bits = readDerValue(writeDerBits(Buffer.from([0x06]), 1), "it");
    expect(hex(demandTag(bits, TAG.bitString, "it").content)).toBe("0106");
    expect([0, 127, 128, -1, -128, -129, 65_536].map((number) => hex(writeDerInteger(number)))).toEqual([
      "020100",
      "02017f",
      "02020080",
      "0201ff",
      "020180",
      "0202ff7f",
      "0203010000",
    ]);
    expect(hex(writeDerInteger(Buffer.from("00ff", "hex")))).toBe("020200ff");
  });

  it("writes times as RFC 5280 divides the centuries", () => {
    const text = (time: string) => writeDerTime(new Date(time)).subarray(2).toString();
    expect(text("2049-12-31T23:59:59Z")).toBe("491231235959Z");
    expect(text("2050-01-01T00:00:00Z")).toBe("20500101000000Z");
    expect(text("1949-12-31T23:59:59Z")).toBe("19491231235959Z");
  });

  it("writes what the strict reader reads back", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n }), (number) => {
        const octets = readDerInteger(readDerValue(writeDerInteger(number), "it"), "it");
        expect(BigInt.asIntN(8 * octets.byteLength, BigInt(`0x${hex(octets)}`))).toBe(number);
      }),
    );
    const arcs = fc.array(fc.oneof(fc.nat(300), fc.bigInt({ min: 0n, max: 2n ** 64n })), { maxLength: 5 });
    fc.assert(
      fc.property(fc.constantFrom("0.9", "1.39", "2.0", "2.47", "2.999", `2.${2n ** 70n}`), arcs, (start, rest) => {
        const dotted = [start, ...rest].join(".");
        expect(readDerOid(readDerValue(writeDerOid(dotted), "it"), "it")).toBe(dotted);
      }),
    );
    const seconds = fc.integer({ min: Date.parse("1900-01-01") / 1000, max: Date.parse("9999-12-31") / 1000 });
    fc.assert(
      fc.property(seconds, (second) => {
        const time = new Date(second * 1000);
        expect(readDerTime(readDerValue(writeDerTime(time), "it"), "it")).toEqual(time);
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 4 }), (parts) => {
        const list = readDerList(
          readDerValue(writeDer(TAG.sequence, ...parts.map((part) => writeDerBits(part))), "it"),
          TAG.sequence,
          "it",
        );
        expect(list.map((bits) => hex(readDerBits(bits, "it")))).toEqual(parts.map(hex));
      }),
    );
  });
});
