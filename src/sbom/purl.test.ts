import { existsSync, readFileSync, readdirSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
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
const FILES = isMissing
  ? []
  : [
      "spec/specification-test.json",
      ...readdirSync(new URL("types/", SUITE)).map((name) => `types/${name}`),
    ].toSorted();
// Cases that are answered otherwise, each of them proven to fail.
const EXCEPTIONS: ReadonlyMap<string, string> = new Map([
  ["parse pkg:gem/jruby-launcher@1.1.2?Platform=java", "the suite's own `validate` case lowers the same key"],
  ["parse pkg:Rpm/fedora/curl@7.50.3-1.fc25?Arch=i386&Distro=fedora-25", "as for gem: keys are lowered (ECMA-427)"],
]);

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

const nameOf = (test: Case): string =>
  `${test.test_type} ${typeof test.input === "string" ? test.input : JSON.stringify(test.input)}`;

// Qualifiers have no prototype.
const plain = (value: unknown): unknown => structuredClone(value);
const isRight = (test: Case): boolean => isDeepStrictEqual(plain(codeOf(() => run(test)) ?? run(test)), expected(test));

describe.skipIf(isMissing)("purl suite", () => {
  it("is there", () => {
    expect(FILES.length).toBeGreaterThan(40);
    expect(FILES.flatMap(casesOf).length).toBeGreaterThan(560);
  });

  it.each(FILES)("%s", (file) => {
    const wrong = casesOf(file).filter((test) => !EXCEPTIONS.has(nameOf(test)) && !isRight(test));
    expect(wrong.map((test) => ({ ...test, got: codeOf(() => run(test)) ?? run(test) }))).toEqual([]);
  });

  it("is answered otherwise just where a reason is given", () => {
    const wrong = FILES.flatMap(casesOf).filter((test) => !isRight(test));
    expect(new Set(wrong.map(nameOf))).toEqual(new Set(EXCEPTIONS.keys()));
  });
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
