import { readFileSync } from "node:fs";
import { generateKeyPairSync } from "node:crypto";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { hasCode } from "#core/errors.ts";
import { readTrustSets } from "#trust/readTrustSets.ts";
import type { TrustSet, TrustSets } from "#trust/trustSets.ts";

const pem = (bits?: number): string => {
  const { publicKey } =
    bits === undefined
      ? generateKeyPairSync("ec", { namedCurve: "P-256" })
      : generateKeyPairSync("rsa", { modulusLength: bits });
  return publicKey.export({ type: "spki", format: "pem" }).toString();
};
const inPem = (text: string): string => `pem: ${JSON.stringify(text)}`;
const HEAD = "apiVersion: waybill.dev/v1\nkind: TrustSets\nsets:\n";
const KEY = pem();
const ROOT = "{mediaType: application/vnd.dev.sigstore.trustedroot+json;version=0.1}";

const read = (text: string) => readTrustSets(text, "trust.yaml");
/** A document of one set, whose members stand in flow style on the fourth line. */
const setOf = (members: string): string => `${HEAD}  prod: {${members}}\n`;
const prodOf = ({ sets }: Pick<TrustSets, "sets">): TrustSet => {
  const set = sets.get("prod");
  if (set === undefined) throw new Error("there is no set prod");
  return set;
};
const only = (members: string): TrustSet => prodOf(read(setOf(members)));
const keys = (...each: readonly string[]): string => `keys: [${each.map((one) => `{${one}}`).join(", ")}]`;
const identities = (...each: readonly string[]): string =>
  `roots: [{embedded: public-good}], identities: [${each.map((one) => `{${one}}`).join(", ")}]`;

const WHOLE = `${HEAD}  prod:
    roots:
      - file: trusted_root.jsonl
        maxAge: 90d
      - inline: ${ROOT}
      - embedded: public-good
        maxAge: 36h
      - tuf: {mirror: https://tuf.acme.example, root: root.json}
    keys:
      - name: release-2026
        file: release-2026.pub
        notBefore: 2026-01-01
        notAfter: 2026-12-31
        images: ["registry.acme.example/prod/**", "*.acme.example/tools/*"]
      - name: release-2027
        ${inPem(KEY)}
        notBefore: "2026-12-01T00:00:00+01:00"
    identities:
      - name: ci
        subjectPattern: https://github.com/acme/[^/]+/.github/workflows/release.yml@refs/tags/.*
        issuer: https://token.actions.githubusercontent.com
        claims: {sourceRepositoryOwnerIdentifier: "1234"}
    require: {log: 1, timestamp: 0, sct: 1}
  staging:
    keys: [{name: staging, file: staging.pub, notAfter: 2027-01-01}]
`;

describe("readTrustSets", () => {
  it("reads all that a set can say", () => {
    const { source, sets, warnings } = read(WHOLE);
    expect(source).toBe("trust.yaml");
    expect([...sets.keys()]).toEqual(["prod", "staging"]);
    const prod = prodOf({ sets });
    expect(prod.roots).toMatchObject([
      { kind: "file", path: "trusted_root.jsonl", maxAgeMs: 90 * 86_400_000 },
      { kind: "inline", root: { source: "trust.yaml:8: sets.prod.roots[1].inline", logs: [] } },
      { kind: "embedded", maxAgeMs: 36 * 3_600_000 },
      { kind: "tuf", mirror: "https://tuf.acme.example", rootPath: "root.json", maxAgeMs: undefined },
    ]);
    expect(prod.keys.map(({ name, key, window }) => [name, key.kind, window])).toEqual([
      ["release-2026", "file", { start: new Date("2026-01-01"), end: new Date("2026-12-31T23:59:59.999Z") }],
      ["release-2027", "pem", { start: new Date("2026-11-30T23:00:00Z"), end: undefined }],
    ]);
    expect(prod.identities).toEqual([
      {
        name: "ci",
        subject: [
          { kind: "pattern", source: "https://github.com/acme/[^/]+/.github/workflows/release.yml@refs/tags/.*" },
        ],
        issuer: [{ kind: "exact", value: "https://token.actions.githubusercontent.com" }],
        claims: { sourceRepositoryOwnerIdentifier: "1234" },
      },
    ]);
    expect(prod.demand).toEqual({ log: 1, timestamp: 0, sct: 1 });
    expect(sets.get("staging")?.demand).toEqual({ log: undefined, timestamp: undefined, sct: undefined });
    expect(warnings).toEqual(["trust.yaml:18: the key release-2027 has no notAfter: it counts for ever"]);
  });

  it("takes one key in two windows that do not touch, and for images that are not the same", () => {
    const twice = keys(
      "name: a, file: k.pub, notAfter: 2026-01-01",
      "name: b, file: k.pub, notBefore: 2026-01-02",
      "name: c, file: k.pub, notBefore: 2025-01-01, notAfter: 2025-02-01, images: [r.example/c]",
    );
    expect(() => only(twice)).toThrow("stands there already");
    expect(
      only(keys("name: a, file: k.pub, notAfter: 2026-01-01", "name: b, file: k.pub, notBefore: 2026-01-02")).keys,
    ).toHaveLength(2);
    expect(
      only(keys("name: a, file: k.pub, images: [r.example/a]", "name: b, file: k.pub, images: [r.example/b]")).keys,
    ).toHaveLength(2);
  });
});

// Each with whether the schema can know it.
const FLAWS: readonly (readonly [string, string, boolean])[] = [
  ["", "trust.yaml:1: a mapping is wanted", true],
  ["{}", "trust.yaml:1: apiVersion is missing", true],
  ["[]", "trust.yaml:1: a mapping is wanted", true],
  ["apiVersion: waybill.dev/v2\nkind: TrustSets\nsets: {}", 'trust.yaml:1: apiVersion: is "waybill.dev/v2"', true],
  ["apiVersion: waybill.dev/v1\nkind: ImagePolicy\nsets: {}", "trust.yaml:2: kind: is", true],
  [`${HEAD}  {}`, "sets: there is no set", true],
  [`${HEAD}  a b: {${keys("name: a, file: k.pub")}}`, "a set's name", true],
  [setOf(""), "trust.yaml:4: sets.prod: it names neither keys nor identities", true],
  [setOf("roots: [{embedded: public-good}]"), "names neither keys nor identities", true],
  [setOf("identities: [{name: a, subject: s, issuer: i}]"), "identities need a root", true],
  [setOf("kyes: []"), 'trust.yaml:4: sets.prod: unknown field "kyes"', true],
  [setOf(keys("name: a, file: k.pub, notAftr: 2026-01-01")), 'unknown field "notAftr"', true],
  [setOf(keys("file: k.pub")), "name is missing", true],
  [setOf(keys("name: a")), "one of pem and file", true],
  [setOf(keys(`name: a, file: k.pub, ${inPem(KEY)}`)), "one of pem and file", true],
  [setOf(keys("name: a, file: k.pub", "name: a, file: l.pub")), "stands there already", false],
  [setOf(keys(`name: a, ${inPem(KEY)}`, `name: b, ${inPem(KEY)}`)), "stands there already", false],
  [setOf(keys("name: a, file: k.pub, notBefore: 2026-02-30")), "is no time", false],
  [setOf(keys("name: a, file: k.pub, notBefore: yesterday")), "is no time", true],
  [setOf(keys("name: a, file: k.pub, notBefore: 2026-02-02, notAfter: 2026-02-01")), "lies before notBefore", false],
  [setOf(keys("name: a, file: k.pub, images: []")), "no pattern", true],
  [setOf(keys("name: a, file: k.pub, images: ['*/**']")), "a host is written out", true],
  [setOf(keys("name: a, file: k.pub, images: [app]")), "HOST/PATH", true],
  [setOf(keys("name: a, file: k.pub, images: [docker.io/alpine]")), "docker.io/library/alpine", false],
  [setOf(keys("name: 7, file: k.pub")), "text is wanted", true],
  [setOf(keys("name: a, pem: nothing")), "trust.yaml:4: sets.prod.keys[0].pem: no PEM", false],
  [setOf(identities("name: a, subject: s")), "one of issuer and issuerPattern", true],
  [setOf(identities("name: a, issuer: i")), "one of subject and subjectPattern", true],
  [setOf(identities("name: a, subject: s, subjectPattern: s, issuer: i")), "one of subject and subjectPattern", true],
  [setOf(identities("name: a, subjectPattern: '(', issuer: i")), "is no regular expression", false],
  [setOf(identities("name: a, subject: s, issuer: i, claims: {repo: x}")), "no claim", false],
  [
    setOf(identities("name: a, subject: s, issuer: i", "name: a, subject: t, issuer: i")),
    "stands there already",
    false,
  ],
  [setOf(`${keys("name: a, file: k.pub")}, roots: []`), "no root", true],
  [setOf(`${keys("name: a, file: k.pub")}, roots: [{}]`), "one of file, inline, embedded, tuf", true],
  [setOf(`${keys("name: a, file: k.pub")}, roots: [{file: a, embedded: public-good}]`), "one of file", true],
  [setOf(`${keys("name: a, file: k.pub")}, roots: [{embedded: staging}]`), "only public-good", true],
  [setOf(`${keys("name: a, file: k.pub")}, roots: [{file: a, maxAge: 90}]`), "text is wanted", true],
  [setOf(`${keys("name: a, file: k.pub")}, roots: [{file: a, maxAge: 0d}]`), "is no age", true],
  [setOf(`${keys("name: a, file: k.pub")}, roots: [{inline: ${ROOT}, maxAge: 9d}]`), "nobody says how old", true],
  [setOf(`${keys("name: a, file: k.pub")}, roots: [{inline: {mediaType: x}}]`), "no trusted root", false],
  [
    setOf(`${keys("name: a, file: k.pub")}, roots: [{tuf: {mirror: "https://t.example"}}]`),
    "mirror and root are wanted",
    true,
  ],
  [setOf(`${keys("name: a, file: k.pub")}, roots: [{tuf: {mirror: "file:///x", root: r}}]`), "an address", true],
  [
    setOf(`${keys("name: a, file: k.pub")}, roots: [{tuf: {mirror: "https://a:b@t.example", root: r}}]`),
    "an address",
    true,
  ],
  [setOf(`${keys("name: a, file: k.pub")}, require: {log: 9}`), "a whole number", true],
  [setOf(`${keys("name: a, file: k.pub")}, require: {logs: 1}`), 'unknown field "logs"', true],
];

describe("what trust sets must not say", () => {
  it.each(FLAWS)("refuses %j", (text, message) => {
    expect(() => read(text)).toThrow(
      expect.objectContaining({ code: "TRUST_INVALID", message: expect.stringContaining(message) as string }),
    );
  });

  it.each([
    ["a name twice", setOf(`${keys("name: a, file: k.pub")}, ${keys("name: a, file: k.pub")}`)],
    ["an anchor", setOf("keys: &k [{name: a, file: k.pub}]")],
    ["an alias", `${HEAD}  a: {keys: [{name: &n a, file: k.pub}]}\n  b: {keys: [{name: *n, file: k.pub}]}`],
    ["a tag", setOf("keys: !x [{name: a, file: k.pub}]")],
    ["an alias within an inline root", setOf(`${keys("name: a, file: k.pub")}, roots: [{inline: {a: &a [], b: *a}}]`)],
    ["two documents", `${WHOLE}---\n${WHOLE}`],
    ["no YAML", "{"],
    ["an abyss", "[".repeat(20_000)],
  ])("refuses %s", (_, text) => {
    expect(() => read(text)).toThrow(
      expect.objectContaining({ code: "TRUST_INVALID", message: expect.stringMatching(/^trust\.yaml:\d/) as string }),
    );
  });

  it("says what was meant", () => {
    expect(() => only("kyes: []")).toThrow(expect.objectContaining({ hint: "Did you mean keys?" }));
  });

  it("says of weak keys that they are, and of long documents", () => {
    expect(() => only(keys(`name: a, ${inPem(pem(1024))}`))).toThrow(expect.objectContaining({ code: "KEY_WEAK" }));
    expect(() => read(`${WHOLE}${"#".repeat(1024 * 1024)}`)).toThrow(
      expect.objectContaining({ code: "LIMIT_EXCEEDED" }),
    );
  });
});

describe("trust sets with any other text in any place", () => {
  it("are read, or refused as what they are", () => {
    const at = fc.nat({ max: WHOLE.length - 1 });
    const text = fc.string({ maxLength: 8, unit: fc.constantFrom(...Array.from("abc:-[]{}&*!|>'\"#,\n\t \\0")) });
    fc.assert(
      fc.property(at, fc.nat({ max: 40 }), text, (start, length, other) => {
        let refusal: unknown;
        try {
          read(WHOLE.slice(0, start) + other + WHOLE.slice(start + length));
        } catch (thrown) {
          refusal = thrown;
        }
        expect(refusal === undefined || hasCode(refusal, "TRUST_INVALID", "KEY_WEAK", "LIMIT_EXCEEDED")).toBe(true);
      }),
    );
  });
});

describe("docs/trust-sets.schema.json", () => {
  const schema = JSON.parse(readFileSync("docs/trust-sets.schema.json", "utf8")) as object;
  const check = new Ajv2020({ strict: false, allErrors: true }).compile(schema);

  it("takes what is read", () => {
    expect([check(parse(WHOLE)), check.errors]).toEqual([true, null]);
  });

  it.each(FLAWS)("refuses what is refused, as far as a schema can: %j", (text, _, knows) => {
    expect(check(parse(text))).toBe(!knows);
  });

  it("takes every document in docs/trust.md, as the reader does", () => {
    const documents = [...readFileSync("docs/trust.md", "utf8").matchAll(/```yaml\n(.*?)```/gs)].map(
      ([, text]) => text ?? "",
    );
    expect(documents.length).toBeGreaterThan(0);
    for (const text of documents) {
      expect([check(parse(text)), check.errors]).toEqual([true, null]);
      expect([...read(text).sets.keys()]).not.toEqual([]);
    }
  });
});
