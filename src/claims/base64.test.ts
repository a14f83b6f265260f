import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeAnyBase64, decodeBase64, encodeBase64 } from "#claims/base64.ts";

describe("decodeBase64", () => {
  it("reads what encodeBase64 writes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect([...(decodeBase64(encodeBase64(bytes)) ?? [999])]).toEqual([...bytes]);
      }),
    );
  });

  it.each([
    ["no padding", "QQ"],
    ["too much padding", "QUI=="],
    ["padding alone", "===="],
    ["unused bits", "QR=="],
    ["the URL alphabet", "-_-_"],
    ["a line feed", "QUJD\n"],
    ["blanks", "QU JD"],
    ["padding inside", "QQ==QUJD"],
    ["other characters", "%%JD"],
    ["characters whose low byte is in the alphabet", "QUJ\u0144"],
  ])("refuses %s", (_, text) => {
    expect(decodeBase64(text)).toBeUndefined();
  });

  it("is as strict in the middle of a long text", () => {
    const text = encodeBase64(Buffer.alloc(3_000_000, "abc"));
    expect(decodeBase64(text)).toHaveLength(3_000_000);
    for (const at of [1_048_575, 1_048_576, 2_500_000, text.length - 1]) {
      for (const other of ["\n", "=", "-", "\u0151"]) {
        expect(decodeBase64(text.slice(0, at) + other + text.slice(at + 1))).toBeUndefined();
      }
    }
  });

  it("has one text for every byte string", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("A", "Q", "g", "w", "+", "/", "=", "-", "_", "\n"), maxLength: 12 }),
        (text) => {
          const bytes = decodeBase64(text);
          expect(bytes === undefined ? text : encodeBase64(bytes)).toBe(text);
        },
      ),
    );
  });
});

describe("decodeAnyBase64", () => {
  it("reads both alphabets, padded or not", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), (bytes) => {
        const texts = [encodeBase64(bytes), Buffer.from(bytes).toString("base64url")];
        texts.push(texts[0]?.replace(/=+$/, "") ?? "", texts[0]?.replaceAll("+", "-").replaceAll("/", "_") ?? "");
        for (const text of texts) expect([...(decodeAnyBase64(text) ?? [999])]).toEqual([...bytes]);
      }),
    );
  });

  it.each([["+_+_"], ["A"], ["QUI=="], ["%%JD"], ["QUJD\n"]])("refuses %j", (text) => {
    expect(decodeAnyBase64(text)).toBeUndefined();
  });
});
