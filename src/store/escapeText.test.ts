import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { escapeText, unescapeText } from "#store/escapeText.ts";

describe("escaped texts", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string({ unit: fc.constantFrom("\0", "\ud83d", "\ude00", "\u{10FFFD}", "0", "d", "f", "8") }),
  );

  it("have UTF-8 and no NUL, and give the text back", () => {
    fc.assert(
      fc.property(text, (one) => {
        const kept = escapeText(one);
        expect(kept.isWellFormed()).toBe(true);
        expect(kept).not.toContain("\0");
        expect(unescapeText(Buffer.from(kept).toString())).toBe(one);
      }),
    );
  });

  it("leave what any database keeps as it is", () => {
    expect(escapeText("für 😀 \u0001")).toBe("für 😀 \u0001");
    expect(escapeText("a\0\ud800\u{10FFFD}")).toBe("a\u{10FFFD}0000\u{10FFFD}d800\u{10FFFD}fffd");
  });
});
