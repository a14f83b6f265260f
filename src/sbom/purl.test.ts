import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parsePurl, writePurl } from "#sbom/purl.ts";
import type { Purl } from "#sbom/purl.ts";
import { codeOf } from "../../test/fakes/codeOf.ts";

// The package-url specification's own suite, read in place. It writes absent parts as null.
interface Parts {
  readonly type: string;
  readonly namespace: string | null;
  readonly name: string;
  readonly version: string | null;
  readonly qualifiers: Readonly<Record<string, string>> | null;
  readonly subpath: string | null;
}
type Case = { readonly description: string; readonly expected_failure: boolean } & (
  | { readonly test_type: "parse"; readonly input: string; readonly expected_output: Parts }
  | { readonly test_type: "build"; readonly input: Parts; readonly expected_output: string }
  | { readonly test_type: "validate"; readonly input: string; readonly expected_output: string }
);

const SUITE = new URL("../../../shared/data/purl/tests/", import.meta.url);
// A pipeline must have the data; elsewhere its tests are skipped.
const isMissing = !existsSync(SUITE) && process.env["CI"] !== "true";
const FILES = [
  "spec/specification-test.json",
  ...["deb", "apk", "npm", "golang", "oci", "generic"].map((t) => `types/${t}-test.json`),
];

const casesOf = (file: string): readonly Case[] =>
  isMissing ? [] : (JSON.parse(readFileSync(new URL(file, SUITE), "utf8")) as { tests: Case[] }).tests;

const fromParts = (parts: Parts): Purl => ({
  type: parts.type ?? "",
  namespace: parts.namespace ?? undefined,
  name: parts.name ?? "",
  version: parts.version ?? undefined,
  qualifiers: parts.qualifiers ?? undefined,
  subpath: parts.subpath ?? undefined,
});

const run = (test: Case): unknown => {
  if (test.test_type === "build") return writePurl(fromParts(test.input));
  return test.test_type === "parse" ? parsePurl(test.input) : writePurl(parsePurl(test.input));
};

const expected = (test: Case): unknown => {
  if (test.expected_failure) return "INPUT_INVALID";
  return test.test_type === "parse" ? fromParts(test.expected_output) : test.expected_output;
};

describe.skipIf(isMissing).each(FILES)("purl suite: %s", (file) => {
  const cases = casesOf(file);
  it("is there", () => expect(cases.length).toBeGreaterThan(5));
  it.each(cases.map((test, index) => [`${index} ${test.test_type}: ${test.description}`, test] as const))(
    "%s",
    (_, test) => {
      const outcome = codeOf(() => run(test)) ?? run(test);
      expect(outcome).toEqual(expected(test));
    },
  );
});

describe("writePurl", () => {
  it("keeps the case of Go modules and npm packages", () => {
    expect(writePurl({ type: "golang", namespace: "github.com/BurntSushi", name: "toml", version: "v1.4.0" })).toBe(
      "pkg:golang/github.com/BurntSushi/toml@v1.4.0",
    );
    expect(writePurl({ type: "npm", name: "JSONStream" })).toBe("pkg:npm/JSONStream");
  });

  it("encodes what separates parts, and leaves empty qualifiers out", () => {
    const purl = writePurl({
      type: "deb",
      namespace: "debian",
      name: "a?b#c@d",
      version: "1:2+3~4",
      qualifiers: { z: undefined, y: "", a: "x@1" },
    });
    expect(purl).toBe("pkg:deb/debian/a%3Fb%23c%40d@1:2%2B3~4?a=x%401");
  });
});

describe("parsePurl", () => {
  it("reads back whatever was written", () => {
    const text = fc.string({ unit: "grapheme", maxLength: 20 }).filter((part) => !part.includes("/"));
    fc.assert(
      fc.property(text, text, text, text, (namespace, name, version, value) => {
        fc.pre(name !== "");
        const written = writePurl({ type: "generic", namespace, name, version, qualifiers: { k: value } });
        expect(parsePurl(written)).toEqual({
          type: "generic",
          namespace: namespace === "" ? undefined : namespace,
          name,
          version: version === "" ? undefined : version,
          qualifiers: value === "" ? undefined : { k: value },
          subpath: undefined,
        });
      }),
    );
  });

  it("answers any text with a value or a coded error", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }).map((rest) => `pkg:${rest}`),
        (text) => {
          expect([undefined, "INPUT_INVALID"]).toContain(codeOf(() => writePurl(parsePurl(text))));
        },
      ),
    );
  });
});
