import { generateKeyPairSync } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hasCode } from "#core/errors.ts";
import { readTrustRoot, readTrustRoots } from "#trust/readTrustRoot.ts";

const CONFORMANCE = "../shared/data/sigstore-conformance/bundle-verify";
const missing = !existsSync(CONFORMANCE);
const seeds = JSON.parse(readFileSync("node_modules/@sigstore/tuf/seeds.json", "utf8")) as Readonly<
  Record<string, { readonly targets: Readonly<Record<string, string>> }>
>;
const PUBLISHED = Buffer.from(
  seeds["https://tuf-repo-cdn.sigstore.dev"]?.targets["trusted_root.json"] ?? "",
  "base64",
).toString();

const read = (text: string) => readTrustRoot(Buffer.from(text), "root.json");
const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString("hex");

describe("readTrustRoot", () => {
  it("reads the root of the public instance", () => {
    const root = read(PUBLISHED);
    expect(root.source).toBe("root.json");
    expect(
      root.logs.map(({ uri, origin, key, window }) => [uri, origin, key.kind, window.start?.toISOString()]),
    ).toEqual([
      ["https://rekor.sigstore.dev", "rekor.sigstore.dev", "ecdsa-p256", "2021-01-12T11:53:27.000Z"],
      ["https://log2025-1.rekor.sigstore.dev", "log2025-1.rekor.sigstore.dev", "ed25519", "2025-09-23T00:00:00.000Z"],
    ]);
    // Rekor v2 goes by its checkpoint key, v1 by its SPKI.
    expect(root.logs.map(({ logId, keyId }) => hex(logId) === hex(keyId))).toEqual([true, false]);
    expect(root.certificateAuthorities.map(({ certificates }) => certificates.length)).toEqual([1, 2]);
    expect(root.certificateAuthorities[0]?.window.end?.toISOString()).toBe("2022-12-31T23:59:59.999Z");
    expect(root.timestampAuthorities.map(({ certificates }) => certificates.map(({ isCa }) => isCa))).toEqual([
      [false, true],
    ]);
    expect(root.ctLogs.map(({ uri }) => uri)).toEqual([
      "https://ctfe.sigstore.dev/test",
      "https://ctfe.sigstore.dev/2022",
    ]);
  });

  it.skipIf(missing)("reads every root that was published, and refuses the one that leaves a start open", () => {
    const roots = readdirSync(CONFORMANCE).filter((name) => existsSync(`${CONFORMANCE}/${name}/trusted_root.json`));
    const outcomes = roots.map((name) => {
      try {
        readTrustRoot(readFileSync(`${CONFORMANCE}/${name}/trusted_root.json`), name);
        return [name, "read"];
      } catch (thrown) {
        return [name, (thrown as { readonly details: { readonly flaw: string } }).details.flaw];
      }
    });
    expect(outcomes.length).toBeGreaterThan(30);
    expect(outcomes.filter(([, outcome]) => outcome !== "read")).toEqual([
      ["trust-root-tlog-missing-validity-start_fail", "missing-start"],
    ]);
  });

  it("reads an empty root", () => {
    expect(read('{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}')).toEqual({
      source: "root.json",
      published: undefined,
      certificateAuthorities: [],
      timestampAuthorities: [],
      logs: [],
      ctLogs: [],
    });
  });

  it.each([
    ["application/vnd.dev.sigstore.trustedroot.v0.2+json"],
    ["application/vnd.dev.sigstore.trustedroot.v0.1+json"],
  ])("takes the media type %s", (mediaType) => {
    expect(read(change({ mediaType })).logs).toHaveLength(2);
  });

  it("takes numbers for names, names in snake case, and what is null for what is not there", () => {
    const text = PUBLISHED.replaceAll('"SHA2_256"', "1")
      .replaceAll('"PKIX_ED25519"', "7")
      .replaceAll("validFor", "valid_for")
      .replaceAll("baseUrl", "base_url")
      .replace('"start": "2021-01-12T11:53:27Z"', '"start": "2021-01-12T12:53:27+01:00", "end": null');
    expect(text).toContain("+01:00");
    expect(read(text).logs).toEqual(read(PUBLISHED).logs);
  });
});

interface Log {
  baseUrl?: string;
  hashAlgorithm?: unknown;
  publicKey: { rawBytes: string; keyDetails: unknown; validFor?: { start?: string; end?: string } };
  logId?: { keyId: string };
  checkpointKeyId?: { keyId: string };
  operator?: string;
}
interface Chain {
  certChain: { certificates: { rawBytes: string }[] };
  validFor?: { start?: string; end?: string };
}
interface Document {
  mediaType: string;
  tlogs: Log[];
  ctlogs: Log[];
  certificateAuthorities: Chain[];
  timestampAuthorities: Chain[];
}

/** The published root, changed. */
const change = (members: Partial<Document> | ((document: Document) => void)): string => {
  const document = JSON.parse(PUBLISHED) as Document;
  if (typeof members === "function") members(document);
  else Object.assign(document, members);
  return JSON.stringify(document);
};

const first = <T>(list: readonly T[]): T => list[0] as T;
const second = <T>(list: readonly T[]): T => list[1] as T;

const FLAWS: readonly (readonly [string, string, (document: Document) => void])[] = [
  ["a log's window without a start", "missing-start", (d) => delete first(d.tlogs).publicKey.validFor?.start],
  ["a log without a window", "missing-start", (d) => delete first(d.tlogs).publicKey.validFor],
  ["a CT log without a window", "missing-start", (d) => delete second(d.ctlogs).publicKey.validFor],
  ["an authority without a window", "missing-start", (d) => delete first(d.certificateAuthorities).validFor],
  ["a timestamp authority without a start", "missing-start", (d) => (first(d.timestampAuthorities).validFor = {})],
  [
    "a window that ends before it starts",
    "reversed-window",
    (d) => (first(d.tlogs).publicKey.validFor = { start: "2021-01-12T11:53:27Z", end: "2021-01-12T11:53:26Z" }),
  ],
  ["a start that is no time", "unreadable", (d) => (first(d.tlogs).publicKey.validFor = { start: "2021-01-12" })],
  ["another log's id", "wrong-log-id", (d) => (first(d.tlogs).logId = { keyId: second(d.tlogs).logId?.keyId ?? "" })],
  ["a short id", "wrong-log-id", (d) => (second(d.tlogs).logId = { keyId: "AAAA" })],
  ["an id that is no base64", "unreadable", (d) => (first(d.tlogs).logId = { keyId: "!" })],
  ["no id at all", "wrong-log-id", (d) => delete first(d.tlogs).logId],
  [
    "a chain that ends below its root",
    "broken-chain",
    (d) => first(d.certificateAuthorities).certChain.certificates.pop(),
  ],
  ["another checkpoint key id", "wrong-log-id", (d) => (first(d.ctlogs).checkpointKeyId = { keyId: "AAAAAA==" })],
  [
    "another checkpoint key id alone",
    "wrong-log-id",
    (d) => {
      const log = second(d.tlogs);
      delete log.logId;
      log.checkpointKeyId = { keyId: "AAAAAA==" };
    },
  ],
  ["one log twice", "duplicate", (d) => d.tlogs.push(first(d.tlogs))],
  ["one CT log twice", "duplicate", (d) => d.ctlogs.push(first(d.ctlogs))],
  ["one authority twice", "duplicate", (d) => d.certificateAuthorities.push(second(d.certificateAuthorities))],
  ["one timestamp authority twice", "duplicate", (d) => d.timestampAuthorities.push(first(d.timestampAuthorities))],
  ["other key details", "wrong-key-details", (d) => (first(d.tlogs).publicKey.keyDetails = "PKIX_ECDSA_P384_SHA_384")],
  ["key details of Ed25519", "wrong-key-details", (d) => (first(d.tlogs).publicKey.keyDetails = "PKIX_ED25519")],
  ["key details that are unknown", "unreadable", (d) => (first(d.tlogs).publicKey.keyDetails = "ML_DSA_65")],
  ["no key details", "unreadable", (d) => delete first(d.tlogs).publicKey.keyDetails],
  ["another hash", "unreadable", (d) => (first(d.tlogs).hashAlgorithm = "SHA2_512")],
  ["a key that is none", "unreadable", (d) => (first(d.tlogs).publicKey.rawBytes = "AAAA")],
  ["a certificate that is none", "unreadable", (d) => (chainOf(d)[0] = { rawBytes: "AAAA" })],
  [
    "an authority without certificates",
    "broken-chain",
    (d) => (first(d.certificateAuthorities).certChain.certificates = []),
  ],
  ["a chain upside down", "broken-chain", (d) => chainOf(d).reverse()],
  [
    "an intermediate under another root of the same name",
    "broken-chain",
    (d) => (chainOf(d)[1] = first(first(d.certificateAuthorities).certChain.certificates)),
  ],
  ["the root twice in one chain", "duplicate", (d) => chainOf(d).push(second(chainOf(d)))],
  ["a leaf for an authority", "not-a-ca", (d) => (d.certificateAuthorities = d.timestampAuthorities)],
  ["a leaf for an anchor", "not-a-ca", (d) => first(d.timestampAuthorities).certChain.certificates.splice(1)],
  ["an unknown field", "unreadable", (d) => Object.assign(first(d.tlogs), { validFor: {} })],
  ["another document", "unreadable", (d) => (d.mediaType = "application/vnd.dev.sigstore.bundle.v0.3+json")],
];

const chainOf = (document: Document): { rawBytes: string }[] =>
  second(document.certificateAuthorities).certChain.certificates;

describe("what a trusted root must not leave open", () => {
  it.each(FLAWS)("refuses %s", (_, flaw, spoil) => {
    expect(() => read(change(spoil))).toThrow(
      expect.objectContaining({
        code: "TRUST_INVALID",
        message: expect.stringMatching(/^root\.json[: ]/) as string,
        details: { flaw },
      }),
    );
  });

  it("takes one chain in two windows that do not touch", () => {
    const text = change((d) => {
      const authority = second(d.certificateAuthorities);
      d.certificateAuthorities = [
        { ...authority, validFor: { start: "2022-05-01T00:00:00Z", end: "2022-05-31T00:00:00Z" } },
        { ...authority, validFor: { start: "2022-06-01T00:00:00Z" } },
      ];
    });
    expect(read(text).certificateAuthorities).toHaveLength(2);
  });

  it("takes the id of a checkpoint key in place of a log id, short or whole", () => {
    const whole = Buffer.from(read(PUBLISHED).logs[1]?.logId ?? []);
    for (const id of [whole, whole.subarray(0, 4)]) {
      const text = change((d) => {
        const log = second(d.tlogs);
        delete log.logId;
        log.checkpointKeyId = { keyId: id.toString("base64") };
      });
      expect(hex(read(text).logs[1]?.logId)).toBe(hex(whole));
    }
  });

  it("says of weak keys that they are", () => {
    const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 1024 });
    const weak = publicKey.export({ type: "spki", format: "der" }).toString("base64");
    const text = change((d) => {
      first(d.tlogs).publicKey = { ...first(d.tlogs).publicKey, rawBytes: weak, keyDetails: "PKIX_RSA_PKCS1V5" };
    });
    expect(() => read(text)).toThrow(expect.objectContaining({ code: "KEY_WEAK" }));
  });

  it("has a limit for how many there are", () => {
    const text = change((d) => {
      d.tlogs = Array.from({ length: 129 }, () => first(d.tlogs));
    });
    expect(() => read(text)).toThrow(expect.objectContaining({ code: "LIMIT_EXCEEDED" }));
  });
});

describe("a root with any other text in any place", () => {
  it("is read, or refused as what it is", () => {
    const at = fc.nat({ max: PUBLISHED.length - 1 });
    fc.assert(
      fc.property(at, fc.nat({ max: 40 }), fc.string({ maxLength: 8, unit: "binary-ascii" }), (start, length, text) => {
        const changed = PUBLISHED.slice(0, start) + text + PUBLISHED.slice(start + length);
        let refusal: unknown;
        try {
          read(changed);
        } catch (thrown) {
          refusal = thrown;
        }
        expect(refusal === undefined || hasCode(refusal, "TRUST_INVALID", "KEY_WEAK", "LIMIT_EXCEEDED")).toBe(true);
      }),
    );
  });
});

describe("readTrustRoots", () => {
  const several = (text: string) => readTrustRoots(Buffer.from(text), "roots.jsonl");

  it("reads several, one a line, each under a name of its own", () => {
    const line = JSON.stringify(JSON.parse(PUBLISHED));
    expect(several(`${line}\n${line}\n`).map(({ source }) => source)).toEqual(["roots.jsonl#1", "roots.jsonl#2"]);
    expect(several(PUBLISHED).map(({ source }) => source)).toEqual(["roots.jsonl"]);
  });

  it("says in which of several something is wrong", () => {
    expect(() => several(`${PUBLISHED}{"mediaType":"x"}`)).toThrow("roots.jsonl#2: no trusted root");
  });

  it.each(["", "\n", "[]", "{", PUBLISHED.repeat(17)])("refuses what holds none or too many", (text) => {
    expect(() => several(text)).toThrow(expect.objectContaining({ code: "TRUST_INVALID" }));
  });
});
