import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { readBundle, writeBundle } from "#claims/bundle.ts";
import type { Candidate } from "#claims/claim.ts";
import { readEnvelope, writeEnvelope } from "#claims/dsse.ts";
import { appendLegacyLayers, claimFromLegacyLayer, readLegacyImage } from "#claims/legacyImage.ts";
import { SIGNATURE_TYPE } from "#claims/predicateType.ts";
import { writeSimpleSigning } from "#claims/simpleSigning.ts";
import { writeStatement } from "#claims/statement.ts";
import { digestHex } from "#core/digest.ts";
import { rawManifest } from "#core/manifest.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { verifyClaim } from "#trust/verifyClaim.ts";
import { codeOf } from "../fakes/codeOf.ts";
import { IN_BUNDLE, IN_LEGACY, bundleClaim, simpleSigningClaim } from "../fakes/testKey.ts";
import {
  image,
  key,
  other,
  stranger,
  trust,
  SBOM,
  signature,
  attestation,
  json,
  statement,
  simple,
  judge,
  legacy,
} from "./attackBench.ts";

const AT = new Date("2026-11-01T00:00:00Z");

// Attacks that want two readers to see two meanings, or one reader to choke; numbers as in attacks.test.ts.

describe("two readers, two meanings", () => {
  const duplicates: readonly (readonly [string, (text: string) => string])[] = [
    [
      "subject twice",
      (text) => text.replace('"subject":', `"subject":[{"digest":{"sha256":"${"0".repeat(64)}"}}],"subject":`),
    ],
    [
      "predicateType twice",
      (text) => text.replace('"predicateType":', '"predicateType":"https://x.example","predicateType":'),
    ],
    ["a name twice deep in the predicate", (text) => text.replace('"bomFormat":', '"bomFormat":"SPDX","bomFormat":')],
    ["Subject beside subject", (text) => text.replace('"subject":', '"Subject":[],"subject":')],
    ["a Subject with a long s", (text) => text.replace('"subject":', '"\u017fubject":[],"subject":')],
    ["_TYPE beside _type", (text) => text.replace('"_type":', '"_TYPE":"x","_type":')],
    ["SHA256 beside sha256", (text) => text.replace('"sha256":', '"SHA256":"x","sha256":')],
    ["a byte order mark", (text) => `\ufeff${text}`],
    ["a big number", (text) => text.replace('"bomFormat":', '"n":9007199254740993,"bomFormat":')],
    ["a second document", (text) => `${text}{}`],
  ];

  it.each(duplicates)("attack 24: a signed statement with %s is refused", (_, bend) => {
    const text = Buffer.from(statement()).toString();
    const bent = bend(text);
    expect(bent).not.toBe(text);
    expect(judge(legacy(Buffer.from(bent)), attestation)).toBe("payload-malformed");
  });

  it.each([
    ["the digest twice", '"docker-manifest-digest":', `"docker-manifest-digest":"${other}","docker-manifest-digest":`],
    ["another spelling", '"docker-manifest-digest":', `"Docker-Manifest-Digest":"${other}","docker-manifest-digest":`],
    ["another Critical", '"critical":', '"Critical":{},"critical":'],
  ])("attack 24: a signed payload with %s is refused", (_, from, to) => {
    const bent = Buffer.from(simple()).toString().replace(from, to);
    expect(judge(simpleSigningClaim(key, Buffer.from(bent)), signature)).toBe("payload-malformed");
  });

  it("attack 24: invalid UTF-8 is refused", () => {
    const bytes = Buffer.from(statement());
    bytes[bytes.indexOf("CycloneDX")] = 0xff;
    expect(judge(legacy(bytes), attestation)).toBe("payload-malformed");
  });

  it("attack 24: __proto__ is an annotation like any other", () => {
    const annotations = JSON.parse('{"__proto__":"x"}') as Record<string, string>;
    const plain = simpleSigningClaim(key, simple());
    expect(judge(plain, { ...signature, annotations })).toBe("annotations");
    expect(judge(plain, { ...signature, annotations: { constructor: "x" } })).toBe("annotations");
    const payload = writeSimpleSigning({ dockerReference: "example.com/app", digest: image, annotations });
    expect(judge(simpleSigningClaim(key, payload), { ...signature, annotations })).toBe("accepted");
  });

  it("attack 24: an image named twice in a signature has two sets of annotations and is refused", () => {
    const subjects = [
      { digest: image, annotations: { tenant_id: "a" } },
      { digest: image, annotations: { tenant_id: "b" } },
    ];
    const text = writeStatement({ subjects, predicateType: SIGNATURE_TYPE, predicate: Buffer.from("{}") });
    expect(judge(bundleClaim(key, text), { ...signature, annotations: { tenant_id: "a" } })).toBe("subject");
  });

  it("attack 24: a bundle with unknown, doubled or cased fields is refused", () => {
    const parts = { payloadType: MEDIA_TYPE.inToto, payload: statement(), signature: Buffer.of(1) };
    const text = Buffer.from(writeBundle({ ...parts, publicKeySpki: key.trusted.key.spki })).toString();
    for (const name of ["mediatype", "extra", "media_type", "mediaType"]) {
      const bent = text.replace("{", `{"${name}":"${MEDIA_TYPE.bundle}",`);
      expect(readBundle(Buffer.from(bent), IN_BUNDLE).kind).toBe("unreadable");
    }
  });
});

describe("too much of it", () => {
  it("attack 26 (CVE-2024-29903): of more than 1000 papers under one tag the first are read; others' layers do not count", () => {
    const paper = { mediaType: MEDIA_TYPE.simpleSigning, digest: image, size: 1 };
    const junk = { ...paper, mediaType: "text/plain" };
    const raw = (layers: readonly object[]) => {
      const config = { ...paper, mediaType: MEDIA_TYPE.ociConfig };
      return rawManifest(
        json({ schemaVersion: 2, mediaType: MEDIA_TYPE.ociManifest, config, layers }),
        MEDIA_TYPE.ociManifest,
      );
    };
    const many = (count: number, one: object): readonly object[] => Array.from({ length: count }, () => one);
    const over = readLegacyImage(raw(many(5000, paper)), "sig");
    expect(over.layers).toHaveLength(1000);
    expect(over.beyond?.code).toBe("LIMIT_EXCEEDED");
    expect(readLegacyImage(raw(many(1000, paper)), "sig").beyond).toBe(undefined);
    expect(readLegacyImage(raw([...many(2000, junk), paper]), "sig").layers).toEqual([{ ...paper, position: 2000 }]);
    expect(codeOf(() => appendLegacyLayers(raw(many(1000, paper)), [paper]))).toBe("LIMIT_EXCEEDED");
  });

  it("attack 26: an envelope with more than 32 signatures is refused", () => {
    const signatures = Array.from({ length: 33 }, () => ({ keyid: "", sig: Buffer.of(1) }));
    const bytes = writeEnvelope(MEDIA_TYPE.inToto, statement(), signatures);
    expect(codeOf(() => readEnvelope(bytes))).toBe("LIMIT_EXCEEDED");
    expect(claimFromLegacyLayer(IN_LEGACY, {}, bytes, "att").kind).toBe("unreadable");
  });

  it("attack 28: a compressed bundle is not inflated", () => {
    const parts = { payloadType: MEDIA_TYPE.inToto, payload: statement(), signature: Buffer.of(1) };
    const bytes = writeBundle({ ...parts, publicKeySpki: key.trusted.key.spki });
    expect(readBundle(bytes, IN_BUNDLE).kind).toBe("dsse");
    expect(readBundle(gzipSync(bytes), IN_BUNDLE)).toMatchObject({
      kind: "unreadable",
      reason: expect.stringMatching(/not valid UTF-8/),
    });
  });

  it("attack 29: depth, subjects and digests of a statement are capped", () => {
    const head = { _type: "https://in-toto.io/Statement/v1", predicateType: SBOM };
    const subject = { digest: { sha256: digestHex(image) } };
    const subjects = (count: number) => json({ ...head, subject: Array.from({ length: count }, () => subject) });
    expect(judge(legacy(subjects(1024)), attestation)).toBe("accepted");
    expect(judge(legacy(subjects(1025)), attestation)).toBe("payload-malformed");
    const digests = Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`x${index}`, "00"]));
    expect(judge(legacy(json({ ...head, subject: [{ digest: digests }] })), attestation)).toBe("payload-malformed");
    const deep = `${'{"a":'.repeat(200)}1${"}".repeat(200)}`;
    const predicate = Buffer.from(deep);
    const nested = writeStatement({ subjects: [{ digest: image }], predicateType: SBOM, predicate });
    expect(judge(legacy(nested), attestation)).toBe("payload-malformed");
  });

  it("attack 30: a bundle with hundreds of certificates, log entries or timestamps is refused unread", () => {
    const parts = { payloadType: MEDIA_TYPE.inToto, payload: statement(), signature: Buffer.of(1) };
    const good = JSON.parse(
      Buffer.from(writeBundle({ ...parts, publicKeySpki: key.trusted.key.spki })).toString(),
    ) as object;
    const many = <T>(one: T): readonly T[] => Array.from({ length: 300 }, () => one);
    for (const material of [
      { x509CertificateChain: { certificates: many({ rawBytes: "MAA=" }) } },
      { publicKey: {}, tlogEntries: many({ logIndex: "1" }) },
      { publicKey: {}, timestampVerificationData: { rfc3161Timestamps: many({ signedTimestamp: "MAA=" }) } },
    ]) {
      const bytes = json({ ...good, verificationMaterial: material });
      expect(readBundle(bytes, IN_BUNDLE)).toMatchObject({
        kind: "unreadable",
        reason: expect.stringMatching(/300 entries, the limit is/),
      });
    }
  });

  it("attack 35: papers are judged one by one, so that junk in one form hides nothing in the other", () => {
    const candidates: readonly Candidate[] = [
      readBundle(Buffer.from("junk"), IN_BUNDLE),
      bundleClaim(stranger, statement()),
      simpleSigningClaim(key, simple()),
    ];
    expect(candidates.map((one) => judge(one, signature))).toEqual(["unreadable", "wrong-key", "accepted"]);
  });

  it("attack 36: reasons are short and hold no control characters of the claim", () => {
    const evil = `https://x/\u001b[2J\u009b\u202e${"y".repeat(10_000)}`;
    const verdict = verifyClaim(legacy(statement(image, evil)), trust, attestation, AT);
    expect(verdict.ok ? "accepted" : verdict.refusal.reason).toMatch(/^[\u0020-\u007e]{1,400}$/);
  });
});
