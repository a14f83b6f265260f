import { describe, expect, it } from "vitest";
import { answerError } from "#registry/client/answerError.ts";

const errorOf = (status: number, code: string, headers: Readonly<Record<string, string>> = {}) =>
  answerError(
    {
      status,
      headers,
      url: new URL("https://registry.test/v2/a/manifests/1?token=secret"),
      bytes: Buffer.from(JSON.stringify({ errors: [{ code, message: "words" }] })),
    },
    "GET",
  );

describe("answerError", () => {
  it("quotes the registry, and no query", () => {
    expect(errorOf(400, "MANIFEST_INVALID").message).toBe(
      "GET https://registry.test/v2/a/manifests/1: 400 MANIFEST_INVALID: words",
    );
  });

  it("says what Harbor's policy needs", () => {
    expect(errorOf(412, "PROJECTPOLICYVIOLATION").hint).toContain("credentials that may push");
  });

  it("says how many requests are allowed where the registry does, and nothing where it says something else", () => {
    const hintOf = (limit: string): string => errorOf(429, "TOOMANYREQUESTS", { "ratelimit-limit": limit }).hint;
    expect(hintOf("100;w=21600")).toContain("100 requests in 21600 seconds");
    for (const odd of ["", "100", "100;w=x", "100;w=21600;secret", "9".repeat(20)])
      expect(hintOf(odd)).toBe(errorOf(429, "TOOMANYREQUESTS").hint);
  });
});
