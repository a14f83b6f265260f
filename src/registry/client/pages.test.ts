import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nextLink } from "#registry/client/pages.ts";

describe("nextLink", () => {
  it.each([
    ['</v2/a?n=1>; rel="next"', "/v2/a?n=1"],
    ["</v2/a>;rel=next", "/v2/a"],
    ['</a>; rel="prev", </b>; REL="first NEXT"', "/b"],
    ['</a,b>; title="x, rel=next"; rel=prev, </c>; rel=next', "/c"],
    ['</a>; title="\\", <https://evil.test>; rel=next"; rel="prev"', undefined],
    ['</a>; rel="nextish"', undefined],
    ["</a>", undefined],
    ["/a; rel=next", undefined],
    [undefined, undefined],
  ])("of %j is %j", (header, target) => {
    expect(nextLink(header)).toBe(target);
  });

  it("ends soon on any text", () => {
    const piece = fc.constantFrom("<", ">", ";", '"', "\\", ",", "rel", "=", "next", " ", "x");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 200 }), (pieces) => {
        expect(typeof nextLink(pieces.join(""))).toMatch(/string|undefined/);
      }),
    );
    const from = performance.now();
    for (const text of ["<", "<>", '<>"', '<>"\\', "<>;rel", "<>; rel = "]) nextLink(text.repeat(10_000));
    expect(performance.now() - from).toBeLessThan(1000);
  });
});
