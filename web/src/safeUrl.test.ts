import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { safeUrl } from "./safeUrl.ts";

describe("links", () => {
  it.each(["https://git.example/a", "http://127.0.0.1:8600/x"])("may lead to %s", (text) => {
    expect(safeUrl(text)).toBe(text);
  });

  it.each([
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "blob:https://a/b",
    "//git.example/a",
    "/v1/apps",
    "kaniko",
    "https://user:secret@git.example/a",
    "git+https://git.example/a",
  ])("never lead to %j", (text) => {
    expect(safeUrl(text)).toBeUndefined();
  });

  it("lead to http and https alone, whatever the text", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webUrl()), (text) => {
        const url = safeUrl(text);
        expect(["http:", "https:", undefined]).toContain(url && new URL(url).protocol);
      }),
    );
  });
});
