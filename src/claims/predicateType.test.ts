import { describe, expect, it } from "vitest";
import { PREDICATE_TYPES, SIGNATURE_TYPE, resolvePredicateType, wrapPredicate } from "#claims/predicateType.ts";
import { codeOf } from "../../test/fakes/codeOf.ts";

const wrap = (type: string, input: string | Uint8Array, timestamp?: string): string =>
  Buffer.from(wrapPredicate(type, Buffer.from(input), timestamp)).toString();

describe("resolvePredicateType", () => {
  it("knows cosign's short names and ours", () => {
    expect(Object.keys(PREDICATE_TYPES)).toHaveLength(14);
    expect(resolvePredicateType("slsaprovenance")).toBe("https://slsa.dev/provenance/v0.2");
    expect(resolvePredicateType("slsaprovenance1")).toBe("https://slsa.dev/provenance/v1");
    expect(resolvePredicateType("spdx")).toBe(resolvePredicateType("spdxjson"));
    expect(resolvePredicateType("vsa")).toBe("https://slsa.dev/verification_summary/v1");
  });

  it.each([["https://example.com/review/v1"], ["urn:example:review"]])("keeps the URI %s", (uri) => {
    expect(resolvePredicateType(uri)).toBe(uri);
  });

  it.each([
    [""],
    ["cyclone"],
    ["example.com/x"],
    ["//x"],
    ["https:"],
    ["https://x y"],
    ["constructor"],
    [SIGNATURE_TYPE],
  ])("refuses %j", (text) => {
    expect(codeOf(() => resolvePredicateType(text))).toBe("USAGE_INVALID");
  });
});

describe("wrapPredicate", () => {
  it("keeps a JSON object to the byte", () => {
    expect(wrap("cyclonedx", ' {"a": 1.0}\n')).toBe(' {"a": 1.0}\n');
    expect(wrap("https://example.com/x", "{}")).toBe("{}");
  });

  it.each([["[]"], ['"x"'], ["null"], [""], ["text"], ["{}{}"], ['{"a":1,"a":2}'], ["\ufeff{}"]])(
    "refuses %j where a JSON object is wanted",
    (text) => {
      expect(codeOf(() => wrap("spdxjson", text))).toBe("INPUT_INVALID");
    },
  );

  it("makes one JSON string of SPDX tag-value text", () => {
    expect(wrap("spdx", 'SPDXVersion: "2.3"\n')).toBe('"SPDXVersion: \\"2.3\\"\\n"');
  });

  it("wraps custom text as cosign does, with a time only where one is given", () => {
    expect(wrap("custom", '{"a":1}\n')).toBe('{"Data":"{\\"a\\":1}\\n"}');
    expect(wrap(PREDICATE_TYPES.custom, "x", "2026-01-02T03:04:05Z")).toBe(
      '{"Data":"x","Timestamp":"2026-01-02T03:04:05Z"}',
    );
  });

  it("refuses text that is not UTF-8", () => {
    expect(codeOf(() => wrap("custom", Buffer.of(0xff)))).toBe("INPUT_INVALID");
    expect(codeOf(() => wrap("spdx", Buffer.of(0xff)))).toBe("INPUT_INVALID");
  });
});
