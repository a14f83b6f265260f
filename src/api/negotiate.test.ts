import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { negotiate } from "#api/negotiate.ts";
import { codeOf } from "../../test/fakes/codeOf.ts";

const OFFERED = ["application/json", "application/vnd.in-toto+json", "text/plain"] as const;

describe("negotiation", () => {
  it.each([
    [null, "application/json"],
    ["", "application/json"],
    ["*/*", "application/json"],
    ["text/*", "text/plain"],
    ["application/json;q=0.2, text/plain;q=0.8", "text/plain"],
    ["application/json;q=0, */*", "application/vnd.in-toto+json"],
    ["APPLICATION/JSON", "application/json"],
    ["text/plain;q=2, application/json;q=0.1", "application/json"],
  ])("chooses for %s", (accept, type) => {
    expect(negotiate(accept, OFFERED)).toBe(type);
  });

  it.each(["image/png", "application/json;q=0", "application/json;q=x"])("refuses %s", (accept) => {
    expect(codeOf(() => negotiate(accept, OFFERED))).toBe("ACCEPT_IMPOSSIBLE");
  });

  it("gives what is offered or says so, whatever is sent", () => {
    fc.assert(
      fc.property(fc.string(), (accept) => {
        let chosen: string | undefined;
        const code = codeOf(() => (chosen = negotiate(accept, OFFERED)));
        expect(code === undefined ? OFFERED : [undefined]).toContain(chosen);
        expect([undefined, "ACCEPT_IMPOSSIBLE"]).toContain(code);
      }),
    );
  });
});
