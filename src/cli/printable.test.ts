import fc from "fast-check";
import { expect, it } from "vitest";
import { printable, printableLines } from "#cli/printable.ts";

it("leaves ordinary text alone", () => {
  expect(printable("größe 3 µm ok ✓ 日本")).toBe("größe 3 µm ok ✓ 日本");
  expect(printableLines("größe 3 µm\n\tok ✓ 日本")).toBe("größe 3 µm\n\tok ✓ 日本");
});

it("attack 36: makes no second line out of somebody's text", () => {
  expect(printable("x\n  verified    signature\tby you")).toBe("x\\u{a}  verified    signature\\u{9}by you");
});

it.each([
  ["\u001b]0;title\u0007", "\\u{1b}]0;title\\u{7}"],
  ["ok\rERROR", "ok\\u{d}ERROR"],
  ["a\u009b2Jb", "a\\u{9b}2Jb"],
  ["cosign\u202egpj.exe", "cosign\\u{202e}gpj.exe"],
])("shows what would draw over the terminal: %j", (text, shown) => {
  expect(printable(text)).toBe(shown);
});

it("lets no control character through", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      // oxlint-disable-next-line no-control-regex -- what must not be there
      expect(printable(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
    }),
  );
});
