import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readEntryBundle, writeEntryBundle } from "#ledger/entryBundle.ts";

const invalid = expect.objectContaining({ code: "INPUT_INVALID" });

describe("an entry bundle", () => {
  it("puts its length before each entry", () => {
    const bytes = writeEntryBundle([Buffer.from("one"), Buffer.alloc(0), Buffer.alloc(258, 7)]);
    expect(Buffer.from(bytes.subarray(0, 9)).toString("hex")).toBe("00036f6e6500000102");
    expect(bytes).toHaveLength(2 + 3 + 2 + 2 + 258);
  });

  it("is read back as it was written", () => {
    const entries = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 256 });
    fc.assert(
      fc.property(entries, (all) => {
        const read = readEntryBundle(writeEntryBundle(all));
        expect(read.map((one) => Buffer.from(one).toString("hex"))).toEqual(
          all.map((one) => Buffer.from(one).toString("hex")),
        );
      }),
    );
  });

  it("has limits", () => {
    expect(readEntryBundle(writeEntryBundle([Buffer.alloc(0xffff)]))).toHaveLength(1);
    expect(() => writeEntryBundle([Buffer.alloc(0x10000)])).toThrow(invalid);
    expect(() => writeEntryBundle(Array.from({ length: 257 }, () => Buffer.alloc(0)))).toThrow(invalid);
    expect(readEntryBundle(Buffer.alloc(512))).toHaveLength(256);
    expect(() => readEntryBundle(Buffer.alloc(514))).toThrow(invalid);
  });

  it("is refused when it is cut off", () => {
    expect(() => readEntryBundle(Buffer.of(0))).toThrow(invalid);
    expect(() => readEntryBundle(Buffer.of(0, 2, 1))).toThrow(invalid);
  });
});
