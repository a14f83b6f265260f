import { describe, expect, it } from "vitest";
import {
  TAG,
  contextTag,
  demandDerTree,
  readDerBits,
  readDerBoolean,
  readDerInteger,
  readDerList,
  readDerNumber,
  readDerOid,
  readDerTime,
  readDerValue,
} from "#claims/strictDer.ts";
import { codeOf } from "../../test/fakes/codeOf.ts";

const der = (hex: string) => readDerValue(Buffer.from(hex.replaceAll(" ", ""), "hex"), "it");
const text = (tag: number, value: string) =>
  der(`${tag.toString(16)}${Buffer.from([value.length]).toString("hex")}${Buffer.from(value).toString("hex")}`);

describe("readDerValue", () => {
  it("gives the exact bytes and the content", () => {
    const value = der("04 03 010203");
    expect([value.tag, Buffer.from(value.bytes).toString("hex"), [...value.content]]).toEqual([
      4,
      "0403010203",
      [1, 2, 3],
    ]);
  });

  it("reads lengths of one to three octets", () => {
    for (const size of [0, 127, 128, 255, 256, 65_535, 65_536]) {
      const octets =
        size < 128
          ? [size]
          : size < 256
            ? [0x81, size]
            : size < 65_536
              ? [0x82, size >> 8, size & 255]
              : [0x83, size >> 16, (size >> 8) & 255, size & 255];
      const bytes = Buffer.concat([Buffer.from([0x04, ...octets]), Buffer.alloc(size)]);
      expect(readDerValue(bytes, "it").content.byteLength).toBe(size);
    }
  });

  it.each([
    ["", "breaks off"],
    ["04", "breaks off"],
    ["04 02 01", "breaks off"],
    ["04 82 01", "breaks off"],
    ["04 01 01 00", "bytes after its end"],
    ["24 80 04 01 01 00 00", "length that DER does not know"],
    ["04 84 00000001 01", "length that DER does not know"],
    ["04 81 01 01", "padded length"],
    ["04 82 0080", "padded length"],
    ["1f 81 01 00", "tag of several octets"],
  ])("refuses %j: %s", (hex, reason) => {
    expect(() => der(hex)).toThrow(reason);
  });
});

describe("readDerList", () => {
  it("reads what stands in a SEQUENCE, and refuses what only looks like one", () => {
    const list = readDerList(der("30 06 020101 0101ff"), TAG.sequence, "it");
    expect(list.map(({ tag }) => tag)).toEqual([TAG.integer, TAG.boolean]);
    expect(() => readDerList(der("30 02 0201"), TAG.sequence, "it")).toThrow("breaks off");
    expect(() => readDerList(der("31 00"), TAG.sequence, "it")).toThrow("has the tag 0x31 where 0x30 belongs");
    expect(() => readDerList(undefined, TAG.sequence, "it")).toThrow("it is missing");
    expect(readDerList(der("a3 02 0500"), contextTag(3), "it")).toHaveLength(1);
  });
});

describe("plain values", () => {
  it("reads integers in their only encoding", () => {
    expect([...readDerInteger(der("02 02 0080"), "it")]).toEqual([0, 0x80]);
    expect(readDerNumber(der("02 03 010000"), "it")).toBe(65_536);
    for (const hex of ["02 00", "02 02 007f", "02 02 ff80"])
      expect(() => readDerInteger(der(hex), "it")).toThrow("INTEGER");
    for (const hex of ["02 01 80", "02 05 0100000000"])
      expect(() => readDerNumber(der(hex), "it")).toThrow("small number");
  });

  it("reads booleans, bits and object identifiers", () => {
    expect([readDerBoolean(der("01 01 ff"), "it"), readDerBoolean(der("01 01 00"), "it")]).toEqual([true, false]);
    expect(() => readDerBoolean(der("01 01 01"), "it")).toThrow("no BOOLEAN");
    expect([...readDerBits(der("03 02 00aa"), "it")]).toEqual([0xaa]);
    expect(() => readDerBits(der("03 02 01aa"), "it")).toThrow("does not end with an octet");
    expect(readDerOid(der("06 0a 2b0601040183bf300108"), "it")).toBe("1.3.6.1.4.1.57264.1.8");
    expect(readDerOid(der("06 03 883703"), "it")).toBe("2.999.3");
    for (const hex of ["06 00", "06 02 2b80", "06 03 2b8001"])
      expect(() => readDerOid(der(hex), "it")).toThrow("OBJECT IDENTIFIER");
  });

  it("reads the times of certificates", () => {
    expect(readDerTime(text(TAG.utcTime, "491231235959Z"), "it").toISOString()).toBe("2049-12-31T23:59:59.000Z");
    expect(readDerTime(text(TAG.utcTime, "500101000000Z"), "it").toISOString()).toBe("1950-01-01T00:00:00.000Z");
    expect(readDerTime(text(TAG.generalizedTime, "20500101000000Z"), "it").getUTCFullYear()).toBe(2050);
    for (const value of ["2102300000Z", "210230000000Z", "210101000060Z", "210101000000+0000", "20210101000000.5Z"]) {
      expect(() =>
        readDerTime(text(value.startsWith("2021") ? TAG.generalizedTime : TAG.utcTime, value), "it"),
      ).toThrow("no time");
    }
    expect(() => readDerTime(der("0c 00"), "it")).toThrow("tag");
  });
});

describe("demandDerTree", () => {
  const isTree = (hex: string) => codeOf(() => demandDerTree(der(hex), "it")) === undefined;

  it("takes what is DER to the last value", () => {
    for (const hex of ["0500", "3000", "30 06 3104 0c00 0500", "a0 05 a103 040130", "80 01 30"]) {
      expect([hex, isTree(hex)]).toEqual([hex, true]);
    }
  });

  it("refuses what is not, however deep", () => {
    const bad = [
      "30 02 0501",
      "30 04 a002 0401",
      "30 02 3080",
      "30 02 0000",
      "30 02 2000",
      "30 04 2402 0400",
      "30 02 1000",
      "30 02 1100",
    ];
    expect(bad.filter(isTree)).toEqual([]);
  });

  it("refuses nesting without end", () => {
    const nested = (depth: number) => {
      let value = Buffer.from([0x30, 0]);
      for (let level = 0; level < depth; level++) value = Buffer.concat([Buffer.from([0x30, value.length]), value]);
      return value.toString("hex");
    };
    expect([isTree(nested(40)), isTree(nested(41))]).toEqual([true, false]);
  });
});
