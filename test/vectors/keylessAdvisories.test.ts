import { describe, expect, it } from "vitest";
import { readBundle } from "#claims/bundle.ts";
import { encodeBase64 } from "#claims/base64.ts";
import type { Claim, DsseClaim } from "#claims/claim.ts";
import { proofLines } from "#cli/render/proofs.ts";
import { printable } from "#cli/printable.ts";
import type { RefusalCode } from "#trust/refusalCode.ts";
import type { TrustMaterial, VerifiedClaim } from "#trust/verifiedClaim.ts";
import { verifyClaim } from "#trust/verifyClaim.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { generalName } from "../fakes/makeCertificate.ts";
import { createTestKey, IN_BUNDLE, simpleSigningClaim } from "../fakes/testKey.ts";
import { attestation, image, judge, signature, simple, statement } from "./attackBench.ts";
import { AT, bundled, carrying, certify, exactly, like, trusting, userName } from "./keylessBench.ts";

// What was published about others' verifiers (docs/advisories.md), as far as no other test has its number.

const judged = (claim: Claim, by: TrustMaterial = trusting()): RefusalCode | "accepted" =>
  judge(claim, attestation, by);

const verified = (claim: Claim, by: TrustMaterial, at = AT): VerifiedClaim => {
  const verdict = verifyClaim(claim, by, attestation, at);
  if (!verdict.ok) throw new TypeError(verdict.refusal.reason);
  return verdict.claim;
};

describe("what others' verifiers let through", () => {
  it("CVE-2022-35929, CVE-2022-35930: an attestation of another type", () => {
    const wanted = { ...attestation, predicateType: "https://slsa.dev/provenance/v1" };
    expect(judge(bundled(statement()), wanted, trusting())).toBe("predicate-type");
  });

  it("CVE-2026-39395: a payload that cannot be read, though well signed", () => {
    for (const payload of ["", "{", "null", '{"_type":1}'])
      expect(judged(bundled(Buffer.from(payload)))).not.toBe("accepted");
    expect(judged(bundled(Buffer.from("{")))).toBe("payload-malformed");
  });

  it("CVE-2024-45395: proofs and subjects without end", () => {
    const claim = bundled(statement(), ["rekor", "stamp"]);
    const [entry] = claim.carried?.logEntries ?? [];
    if (entry === undefined) throw new TypeError("no entry");
    const logEntries = Array.from({ length: 33 }, (_, at) => ({ ...entry, index: BigInt(at), body: Buffer.of(at) }));
    expect(judged(carrying(claim, { logEntries }))).toBe("log-count");
    const bundle = (count: number) =>
      readBundle(
        Buffer.from(
          JSON.stringify({
            mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
            verificationMaterial: {
              certificate: { rawBytes: encodeBase64(certify().made.der) },
              tlogEntries: [],
              timestampVerificationData: { rfc3161Timestamps: Array(count).fill({ signedTimestamp: "AAAA" }) },
            },
            dsseEnvelope: {
              payload: encodeBase64(statement()),
              payloadType: MEDIA_TYPE.inToto,
              signatures: [{ sig: "AAAA", keyid: "" }],
            },
          }),
        ),
        IN_BUNDLE,
      ).kind;
    expect(bundle(32)).toBe("dsse");
    expect(bundle(33)).toBe("unreadable");
    const subject = Array.from({ length: 1025 }, () => ({ name: "", digest: { sha256: image.slice(7) } }));
    const many = {
      _type: "https://in-toto.io/Statement/v1",
      subject,
      predicateType: attestation.predicateType,
      predicate: {},
    };
    expect(judged(bundled(Buffer.from(JSON.stringify(many))))).toBe("payload-malformed");
  });
});

describe("names that look like others", () => {
  const cyrillic = "\u0430lice!example.com";
  const signedAs = (name: string): DsseClaim => bundled(statement(), ["rekor"], certify({ names: [userName(name)] }));

  it("are compared by their characters, not by their looks", () => {
    const alice = trusting({ identity: { subject: exactly("alice!example.com") } });
    for (const name of [cyrillic, "alice\u200b!example.com", "Alice!example.com", "alice!example.com\u202e"])
      expect(judged(signedAs(name), alice)).toBe("identity-subject");
    expect(judged(signedAs("alice!example.com"), alice)).toBe("accepted");
  });

  it("show what is not seen in them (attack 36)", () => {
    const claim = verified(signedAs("a\u200b\u061c\u202elice!x"), trusting({ identity: { subject: like("a.*") } }));
    expect(proofLines(claim).map(printable)).toContain("signer: a\\u{200b}\\u{61c}\\u{202e}lice!x");
    const verdict = verifyClaim(signedAs("a\u200bb"), trusting(), attestation, AT);
    expect(verdict).toMatchObject({ refusal: { reason: expect.stringContaining('"a?b"') as unknown } });
  });

  it.each(["alice\u0000.evil", "alice\n", "alice\u001b[2J"])("have no control characters: %j", (name) => {
    expect(() => signedAs(name)).toThrow("control character");
    expect(() => certify({ names: [generalName(1, name)] })).toThrow("control character");
  });
});

it("a layer with a certificate and a trusted key's signature counts for the key alone", () => {
  const key = createTestKey("ours");
  const holder = certify();
  const claim = { ...simpleSigningClaim(key, simple()), material: "certificate" } as const;
  const confused = carrying(claim, { certificates: [holder.made.der], logEntries: [], timestamps: [] });
  expect(judge(confused, signature, trusting())).toBe("bad-signature");
  const verdict = verifyClaim(confused, { ...trusting(), keys: [key.trusted] }, signature, AT);
  expect(verdict).toMatchObject({ ok: true, claim: { signer: { name: "ours" } } });
  expect(verdict.ok && verdict.claim.signer.identity).toBeUndefined();
});
