import { describe, expect, it } from "vitest";
import type { Claim } from "#claims/claim.ts";
import { pae } from "#claims/dsse.ts";
import { PREDICATE_TYPES, SIGNATURE_TYPE } from "#claims/predicateType.ts";
import { writeSimpleSigning } from "#claims/simpleSigning.ts";
import { writeSignatureStatement, writeStatement } from "#claims/statement.ts";
import { digestOf } from "#core/digest.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { claimIdentity } from "#trust/claimIdentity.ts";
import type { ClaimVerdict, Refusal, Requirement, TrustMaterial, VerifiedClaim } from "#trust/verifiedClaim.ts";
import { verifyClaim } from "#trust/verifyClaim.ts";
import { bundleClaim, createTestKey, envelopeClaim, simpleSigningClaim } from "../../test/fakes/testKey.ts";

const AT = new Date("2026-11-01T00:00:00Z");

const image = digestOf("image");
const other = digestOf("other");
const first = createTestKey("first");
const second = createTestKey("second");
const stranger = createTestKey("stranger");
const trust: TrustMaterial = { keys: [first.trusted, second.trusted] };
const TYPE = PREDICATE_TYPES.cyclonedx;
const PREDICATE = Buffer.from('{"b": 1}');

const wantSignature = (annotations: Record<string, string> = {}): Requirement & { readonly kind: "signature" } => ({
  kind: "signature",
  subject: image,
  annotations,
  checkClaims: true,
});
const wantAttestation: Requirement = { kind: "attestation", subject: image, predicateType: TYPE, checkClaims: true };
const simple = (annotations: Record<string, string> = {}, digest = image): Uint8Array =>
  writeSimpleSigning({ dockerReference: "example.com/app", digest, annotations });
const statement = (digests = [image], predicateType: string = TYPE): Uint8Array =>
  writeStatement({ subjects: digests.map((digest) => ({ digest })), predicateType, predicate: PREDICATE });

const verified = (verdict: ClaimVerdict): VerifiedClaim => {
  if (verdict.ok) return verdict.claim;
  throw new TypeError(verdict.refusal.reason);
};
const refused = (claim: Claim, requirement: Requirement, by = trust): Refusal => {
  const verdict = verifyClaim(claim, by, requirement, AT);
  if (verdict.ok) throw new TypeError("accepted");
  return verdict.refusal;
};

describe("subjects of files", () => {
  const long = digestOf("image", "sha512");
  const wantFile: Requirement = { ...wantAttestation, sha512: long };
  const about = (...digests: readonly Record<string, string>[]): Claim =>
    bundleClaim(
      first,
      Buffer.from(
        JSON.stringify({
          _type: "https://in-toto.io/Statement/v1",
          subject: digests.map((digest) => ({ name: "pkg:npm/a@1", digest })),
          predicateType: TYPE,
          predicate: {},
        }),
      ),
    );
  const hex = (digest: string): string => digest.slice(7);

  it("match by sha512 alone, and by both digests", () => {
    for (const claim of [
      about({ sha512: hex(long) }),
      about({ sha512: hex(long), sha256: hex(image) }),
      about({ sha512: hex(digestOf("b", "sha512")) }, { sha512: hex(long), sha1: "a" }),
    ]) {
      const result = verified(verifyClaim(claim, trust, wantFile, AT));
      expect(result).toMatchObject({ subject: image });
    }
  });

  it("never match where one digest contradicts another, is of another file or is not written as it must be", () => {
    for (const claim of [
      about({ sha512: hex(digestOf("b", "sha512")) }),
      about({ sha512: hex(long), sha256: hex(other) }),
      about({ sha512: hex(digestOf("b", "sha512")), sha256: hex(image) }),
      about({ sha512: hex(long).toUpperCase() }),
      about({ SHA512: hex(long) }),
      about({ sha384: hex(long) }),
    ])
      expect(refused(claim, wantFile).code).toBe("subject");
  });

  it("never make a statement one about an image by sha512", () => {
    const claim = about({ sha512: hex(long) });
    expect(refused(claim, wantAttestation).reason).toBe(`it speaks of ${long}, not of ${image}`);
    const unchecked = verified(verifyClaim(claim, trust, { ...wantAttestation, checkClaims: false }, AT));
    expect([unchecked.subject, unchecked.subjects]).toEqual([undefined, []]);
    // Of an image nobody looks at it.
    const both = about({ sha512: hex(digestOf("b", "sha512")), sha256: hex(image) });
    expect(verified(verifyClaim(both, trust, wantAttestation, AT)).subject).toBe(image);
  });
});

describe("a verified claim", () => {
  it("says who signed what, from a legacy signature", () => {
    const claim = simpleSigningClaim(second, simple({ tenant_id: "t" }));
    expect(verified(verifyClaim(claim, trust, wantSignature({ tenant_id: "t" }), AT))).toMatchObject({
      kind: "signature",
      found: claim.found,
      claim,
      signer: { ...second.trusted, scheme: "ecdsa-sha256" },
      subject: image,
      subjects: [image],
      annotations: { tenant_id: "t" },
      predicateType: "cosign container image signature",
      predicateBytes: undefined,
      payload: claim.payload,
      proofs: { log: "not checked", timestamp: "not checked" },
    });
  });

  it("gives the predicate's exact bytes and names the image that was asked for", () => {
    const claim = bundleClaim(first, statement([other, image]));
    const result = verified(verifyClaim(claim, trust, wantAttestation, AT));
    expect(Buffer.from(result.predicateBytes ?? []).toString()).toBe('{"b": 1}');
    expect(result).toMatchObject({
      kind: "attestation",
      subject: image,
      subjects: [other, image],
      predicateType: TYPE,
    });
  });

  it("takes the annotations of the subject that was asked for", () => {
    const subjects = [
      { digest: other, annotations: { a: "other's" } },
      { digest: image, annotations: { a: "ours" } },
    ];
    const payload = writeStatement({ subjects, predicateType: SIGNATURE_TYPE, predicate: Buffer.from("{}") });
    const claim = bundleClaim(first, payload);
    expect(verified(verifyClaim(claim, trust, wantSignature({ a: "ours" }), AT)).annotations).toEqual({ a: "ours" });
    expect(refused(claim, wantSignature({ a: "other's" })).code).toBe("annotations");
  });

  it("may be one of several signatures of an envelope", () => {
    const claim = envelopeClaim([stranger, second], statement());
    expect(verified(verifyClaim(claim, trust, wantAttestation, AT)).signer.name).toBe("second");
  });

  it("does not need its subject and annotations where claims are not checked", () => {
    const unchecked = { ...wantSignature({ a: "1" }), checkClaims: false };
    const claim = simpleSigningClaim(first, simple({}, other));
    expect(verified(verifyClaim(claim, trust, unchecked, AT))).toMatchObject({ subject: other, subjects: [other] });
    expect(refused({ ...claim, signature: Buffer.of(1) }, unchecked).code).toBe("wrong-key");
  });
});

describe("a refusal", () => {
  it.each([
    ["another value", { a: "1" }, { a: "2" }, 'its annotation "a" is "1", not "2"'],
    ["a longer value", { a: "1" }, { a: "11" }, 'its annotation "a" is "1", not "11"'],
    ["an absent one", { a: "1" }, { a: "1", b: "" }, 'it has no annotation "b"; "" is asked for'],
  ])("names the annotation: %s", (_, signed, wanted, reason) => {
    expect(refused(simpleSigningClaim(first, simple(signed)), wantSignature(wanted))).toMatchObject({
      code: "annotations",
      reason,
    });
  });

  it("takes an annotation that is no string for absent", () => {
    const payload = Buffer.from(
      Buffer.from(simple({ a: "1" }))
        .toString()
        .replace('"a":"1"', '"a":1'),
    );
    expect(refused(simpleSigningClaim(first, payload), wantSignature({ a: "1" })).code).toBe("annotations");
  });

  it("tells a changed paper by a trusted key from a stranger's, where the bundle names its key", () => {
    const good = bundleClaim(first, statement());
    const envelope = { payloadType: MEDIA_TYPE.inToto, payload: statement([other]), signatures: [] };
    const signatures = good.kind === "dsse" ? good.envelope.signatures : [];
    const changed = { ...good, envelope: { ...envelope, signatures } } as Claim;
    expect(refused(changed, wantAttestation)).toMatchObject({
      code: "bad-signature",
      reason: 'it names the key "first", but its signature does not fit: it was changed after signing',
    });
    expect(refused(bundleClaim(stranger, statement()), wantAttestation).code).toBe("wrong-key");
  });

  it("says that a certificate signed: always of a bundle, of a legacy layer only where no key fits", () => {
    const bundled: Claim = {
      ...envelopeClaim([first], statement()),
      found: bundleClaim(first, statement()).found,
      material: "certificate",
    };
    expect(refused(bundled, wantAttestation).code).toBe("certificate-signed");
    const layer: Claim = { ...simpleSigningClaim(first, simple()), material: "certificate" };
    expect(verifyClaim(layer, trust, wantSignature(), AT).ok).toBe(true);
    expect(refused(layer, wantSignature(), { keys: [second.trusted] }).code).toBe("certificate-signed");
  });

  it("refuses a second signature in a bundle, but not in an envelope of its own", () => {
    const { found } = bundleClaim(first, statement());
    const two = envelopeClaim([first, second], statement());
    expect(refused({ ...two, found }, wantAttestation).code).toBe("signature-count");
    expect(verifyClaim(two, trust, wantAttestation, AT).ok).toBe(true);
  });

  it("never checks an empty signature", () => {
    expect(refused({ ...simpleSigningClaim(first, simple()), signature: Buffer.of() }, wantSignature()).code).toBe(
      "wrong-key",
    );
  });

  it("does not take a signature over the bare payload for one over the envelope", () => {
    const claim = envelopeClaim([first], statement());
    const sig = first.sign(claim.envelope.payload);
    const bare = { ...claim, envelope: { ...claim.envelope, signatures: [{ keyid: "", sig }] } };
    expect(refused(bare, wantAttestation).code).toBe("wrong-key");
  });

  it("does not take an envelope's signature for one over a payload that looks like its encoding", () => {
    const payload = pae(MEDIA_TYPE.inToto, statement());
    expect(refused(simpleSigningClaim(first, payload), wantSignature()).code).toBe("payload-malformed");
  });

  it("is the nearer the later it fell", () => {
    const ladder = [
      refused(simpleSigningClaim(first, simple()), wantAttestation),
      refused(envelopeClaim([first], statement(), "text/plain"), wantAttestation),
      refused(bundleClaim(stranger, statement()), wantAttestation),
      refused(bundleClaim(first, Buffer.from("{")), wantAttestation),
      refused(bundleClaim(first, statement([image], "https://example.com/x")), wantAttestation),
      refused(bundleClaim(first, statement([other])), wantAttestation),
      refused(simpleSigningClaim(first, simple()), wantSignature({ a: "1" })),
    ].map(({ nearness }) => nearness);
    expect(ladder).toEqual(ladder.toSorted((a, b) => a - b));
    expect(new Set(ladder).size).toBe(ladder.length);
  });
});

describe("claimIdentity", () => {
  const identity = (claim: Claim, requirement: Requirement): string =>
    claimIdentity(verified(verifyClaim(claim, trust, requirement, AT)));
  const signed = (claim: Claim): string => identity(claim, wantSignature());
  const attested = (claim: Claim): string => identity(claim, { ...wantAttestation, predicateType: undefined });

  it("is one for the forms of a signature, whatever the order of annotations and the signed name", () => {
    const legacy = simpleSigningClaim(first, simple({ a: "1", b: "2" }));
    const elsewhere = writeSimpleSigning({
      dockerReference: "mirror/app",
      digest: image,
      annotations: { b: "2", a: "1" },
    });
    const bundled = writeSignatureStatement({ digest: image, annotations: { b: "2", a: "1" } });
    expect(signed(simpleSigningClaim(first, elsewhere))).toBe(signed(legacy));
    expect(signed(bundleClaim(first, bundled))).toBe(signed(legacy));
  });

  it("is one for the forms of an attestation", () => {
    expect(attested(bundleClaim(first, statement()))).toBe(attested(envelopeClaim([first], statement())));
  });

  it("differs by annotations, payload, signer and kind", () => {
    const all = [
      signed(simpleSigningClaim(first, simple())),
      signed(simpleSigningClaim(second, simple())),
      signed(simpleSigningClaim(first, simple({ a: "1" }))),
      signed(simpleSigningClaim(first, simple({ a: '1","b":"2' }))),
      signed(simpleSigningClaim(first, simple({ a: "1", b: "2" }))),
      attested(bundleClaim(first, statement())),
      attested(bundleClaim(second, statement())),
      attested(bundleClaim(first, statement([image, other]))),
    ];
    expect(new Set(all).size).toBe(all.length);
  });
});
