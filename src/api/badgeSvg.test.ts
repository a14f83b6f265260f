import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { badgeSvg } from "#api/badgeSvg.ts";

describe("a badge", () => {
  it("holds every text as text", () => {
    const svg = badgeSvg("</text><script>alert(1)</script>", `"onload='x' & <b>`, "red");
    expect(svg).not.toContain("<script");
    expect(svg).not.toContain("<b>");
    expect(svg).toContain("&lt;/text&gt;&lt;script&gt;");
    expect(svg).toContain("&quot;onload=&#39;x&#39; &amp; &lt;b&gt;");
  });

  it("has the same elements whatever it says", () => {
    const elements = (svg: string): number => svg.split("<").length;
    const usual = elements(badgeSvg("papers", "signed", "green"));
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (label, message) => {
        const svg = badgeSvg(label, message, "grey");
        expect(elements(svg)).toBe(usual);
        expect(svg).not.toMatch(/\p{Cc}/u);
      }),
    );
  });
});
