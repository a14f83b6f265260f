import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { contextTag, TAG } from "#claims/strictDer.ts";
import { writeDer, writeDerInteger } from "#claims/writeDer.ts";
import type { HashName } from "#core/keyAlgorithm.ts";
import { isFault } from "#trust/fault.ts";
import { verifyTimestamp } from "#trust/timestamp.ts";
import type { TrustRoot } from "#trust/trustRoot.ts";
import {
  algorithm,
  basicConstraints,
  caExtensions,
  CODE_SIGNING,
  extendedKeyUsage,
  extension,
  keyUsage,
  makeCertificate,
  makeKeys,
  TIME_STAMPING,
} from "../../test/fakes/makeCertificate.ts";
import type { CertificateWish, Keys } from "../../test/fakes/makeCertificate.ts";
import {
  attribute,
  contentType,
  digestOf,
  hashAlgorithm,
  issuerSerial,
  makeAuthority,
  makeToken,
  messageDigest,
  signingCertificate,
  signingCertificateV2,
  timestampingExtensions,
  trustIn,
} from "../../test/fakes/makeTimestamp.ts";
import type { MadeAuthority, TimestampWish } from "../../test/fakes/makeTimestamp.ts";

const OVER = Buffer.from("a signature");
const tsa = makeAuthority();
const { der } = tsa.signer;
const chainOf = ({ signer, intermediate, anchor }: MadeAuthority) => [signer.der, intermediate.der, anchor.der];
const ROOTS = [trustIn(chainOf(tsa))];
const ANCHOR = [trustIn([tsa.intermediate.der, tsa.anchor.der])];

/** `good`, or the code of the fault. */
const judge = (wish: Partial<TimestampWish> = {}, roots: readonly TrustRoot[] = ROOTS): string => {
  const verdict = verifyTimestamp(makeToken({ signer: tsa.signer, over: OVER, ...wish }), OVER, roots);
  return isFault(verdict) ? verdict.code : "good";
};
const judgeOf = (authority: MadeAuthority, wish: Partial<TimestampWish> = {}) =>
  judge({ signer: authority.signer, ...wish }, [trustIn(chainOf(authority))]);

describe("signatures of timestamps", () => {
  const keysOf: Readonly<Record<string, () => Keys>> = {
    "P-256": () => makeKeys("P-256"),
    "P-384": () => makeKeys("P-384"),
    "P-521": () => makeKeys("P-521"),
    "RSA-2048": () => generateKeyPairSync("rsa", { modulusLength: 2048 }),
  };

  it.each(Object.keys(keysOf))("may be of %s with SHA-256, SHA-384 and SHA-512", (kind) => {
    const authority = makeAuthority({ keys: keysOf[kind]?.() ?? makeKeys() });
    const hashes: readonly HashName[] = ["sha256", "sha384", "sha512"];
    expect(hashes.map((hash) => judgeOf(authority, { hash }))).toEqual(["good", "good", "good"]);
  });

  it("may be of RSA whose algorithm names the hash, with and without parameters", () => {
    const authority = makeAuthority({ keys: generateKeyPairSync("rsa", { modulusLength: 2048 }) });
    const sha256 = "1.2.840.113549.1.1.11";
    for (const one of [algorithm(sha256), algorithm(sha256, writeDer(TAG.null)), algorithm("1.2.840.113549.1.1.1")])
      expect(judgeOf(authority, { signatureAlgorithm: one })).toBe("good");
    expect(judgeOf(authority, { signatureAlgorithm: algorithm("1.2.840.10045.4.3.2") })).toBe("timestamp-signature");
  });

  it("may be of Ed25519, whose digest is SHA-512", () => {
    const authority = makeAuthority({ keys: generateKeyPairSync("ed25519") });
    expect(judgeOf(authority, { hash: "sha512" })).toBe("good");
    expect(judgeOf(authority, { hash: "sha256" })).toBe("timestamp-algorithm");
  });

  it.each([
    ["SHA-1", algorithm("1.3.14.3.2.26")],
    ["SHA-224", algorithm("2.16.840.1.101.3.4.2.4")],
    ["parameters that are no NULL", algorithm("2.16.840.1.101.3.4.2.1", writeDer(TAG.sequence))],
    ["another hash than the message announces", hashAlgorithm("sha384")],
  ])("do not digest with %s", (_, digestAlgorithm) => {
    expect(judge({ digestAlgorithm })).toBe("timestamp-algorithm");
  });

  it.each([
    ["ECDSA with SHA-1", algorithm("1.2.840.10045.4.1")],
    ["ECDSA with another hash than the content's", algorithm("1.2.840.10045.4.3.3")],
    ["RSA-PSS", algorithm("1.2.840.113549.1.1.10")],
    ["the name of a key", algorithm("1.2.840.10045.2.1")],
  ])("are not made with %s", (_, signatureAlgorithm) => {
    expect(judge({ signatureAlgorithm })).toBe("timestamp-algorithm");
  });

  it("have to fit, in DER", () => {
    const changes: readonly ((signature: Buffer) => Buffer)[] = [
      () => Buffer.alloc(0),
      (signature) => Buffer.concat([signature, Buffer.from([0])]),
      // A padded length, which OpenSSL reads.
      (signature) => Buffer.concat([Buffer.from([0x30, 0x81]), signature.subarray(1)]),
      () => Buffer.alloc(64, 1),
    ];
    expect(changes.map((changeSignature) => judge({ changeSignature }))).toEqual(
      changes.map(() => "timestamp-signature"),
    );
    expect(judge({ signer: { ...tsa.signer, keys: makeKeys() } })).toBe("timestamp-signature");
  });
});

describe("signed attributes of timestamps", () => {
  const signed = (make: (digest: Buffer) => readonly Buffer[]) =>
    judge({ attributes: (info) => make(messageDigest(digestOf("sha256", info))) });

  it("name the signing certificate by any hash, SHA-1 where the attribute knows no other", () => {
    const forms = [
      signingCertificateV2(der),
      signingCertificateV2(der, "sha256"),
      signingCertificateV2(der, "sha384"),
      signingCertificateV2(der, "sha512", issuerSerial(der)),
      signingCertificate(der),
      signingCertificate(der, issuerSerial(der)),
    ];
    expect(forms.map((form) => signed((digest) => [contentType(), digest, form]))).toEqual(forms.map(() => "good"));
    expect(signed((digest) => [contentType(), digest, signingCertificate(der), signingCertificateV2(der)])).toBe(
      "good",
    );
  });

  it("must name the certificate that signed, wherever they name one", () => {
    const other = tsa.intermediate.der;
    const lists = [
      [signingCertificateV2(other)],
      [signingCertificate(other)],
      [signingCertificate(other), signingCertificateV2(der)],
      [signingCertificate(der), signingCertificateV2(other)],
      [signingCertificateV2(der, "sha256", issuerSerial(other))],
      [signingCertificate(der, issuerSerial(der, writeDerInteger(99)))],
    ];
    expect(lists.map((list) => signed((digest) => [contentType(), digest, ...list]))).toEqual(
      lists.map(() => "timestamp-certificate"),
    );
  });

  it("say that a timestamp is signed, what is signed, and by which certificate", () => {
    const ess = signingCertificateV2(der);
    const twice = (digest: Buffer) => attribute("1.2.840.113549.1.9.4", digest.subarray(-34), digest.subarray(-34));
    expect(signed((digest) => [digest, ess])).toBe("timestamp-attributes");
    expect(signed((digest) => [contentType("1.2.840.113549.1.7.1"), digest, ess])).toBe("timestamp-attributes");
    expect(signed((digest) => [attribute("1.2.840.113549.1.9.3"), digest, ess])).toBe("timestamp-attributes");
    expect(signed(() => [contentType(), ess])).toBe("timestamp-attributes");
    expect(signed((digest) => [contentType(), twice(digest), ess])).toBe("timestamp-attributes");
    expect(signed((digest) => [contentType(), digest])).toBe("timestamp-attributes");
    const noId = attribute("1.2.840.113549.1.9.16.2.47", writeDer(TAG.sequence, writeDer(TAG.sequence)));
    expect(signed((digest) => [contentType(), digest, noId])).toBe("timestamp-attributes");
    const sha1 = writeDer(TAG.sequence, algorithm("1.3.14.3.2.26"), writeDer(TAG.octetString, digestOf("sha1", der)));
    const weak = attribute("1.2.840.113549.1.9.16.2.47", writeDer(TAG.sequence, writeDer(TAG.sequence, sha1)));
    expect(signed((digest) => [contentType(), digest, weak])).toBe("timestamp-attributes");
  });

  it("must fit the content", () => {
    const other = messageDigest(digestOf("sha256", Buffer.from("x")));
    expect(signed(() => [contentType(), other, signingCertificateV2(der)])).toBe("timestamp-signature");
  });

  it("come in the order of DER", () => {
    const attributes = (info: Buffer) => [
      signingCertificateV2(der),
      messageDigest(digestOf("sha256", info)),
      contentType(),
    ];
    expect([judge({ attributes }), judge({ attributes, unordered: true })]).toEqual(["good", "timestamp-malformed"]);
  });

  it("come once each", () => {
    expect(signed((digest) => [contentType(), contentType(), digest, signingCertificateV2(der)])).toBe(
      "timestamp-malformed",
    );
  });
});

describe("signers of timestamps", () => {
  it("are found in the token or in the trusted root", () => {
    expect(judge()).toBe("good");
    expect(judge({ embedded: [der] }, ANCHOR)).toBe("good");
    expect(judge({ embedded: [tsa.intermediate.der, der] }, [trustIn([tsa.anchor.der])])).toBe("good");
    expect(judge({}, ANCHOR)).toBe("timestamp-untrusted");
    expect(judge({ embedded: [Buffer.from([0x30, 0]), der] }, ANCHOR)).toBe("good");
  });

  it("may be named by their key", () => {
    const keyId = Buffer.from("0123456789");
    const extensions = [...timestampingExtensions(), extension("2.5.29.14", writeDer(TAG.octetString, keyId))];
    const authority = makeAuthority({ extensions });
    const signerId = writeDer(contextTag(0, false), keyId);
    expect(judgeOf(authority, { signerId, signerVersion: 3 })).toBe("good");
    expect(judgeOf(authority, { signerId })).toBe("timestamp-malformed");
    const otherId = writeDer(contextTag(0, false), Buffer.from("other"));
    expect(judgeOf(authority, { signerId: otherId, signerVersion: 3 })).toBe("timestamp-untrusted");
    expect(judge({ signerId, signerVersion: 3 })).toBe("timestamp-untrusted");
  });

  it("count only where a root trusts their authority", () => {
    const stranger = makeAuthority();
    const embedded = chainOf(stranger);
    expect(judge({ signer: stranger.signer, embedded })).toBe("timestamp-untrusted");
    expect(judge({ signer: stranger.signer, embedded }, [])).toBe("timestamp-untrusted");
    expect(judge({ signer: stranger.signer, embedded }, [...ROOTS, trustIn([stranger.anchor.der])])).toBe("good");
  });

  it("are the one that the root names, where it names one", () => {
    const sibling = makeCertificate({
      subject: "sibling",
      issuer: tsa.intermediate,
      serial: writeDerInteger(4),
      extensions: timestampingExtensions(),
    });
    const wish = { signer: sibling, embedded: [sibling.der] };
    expect(judge(wish, ANCHOR)).toBe("good");
    expect(judge(wish, ROOTS)).toBe("timestamp-untrusted");
  });

  // CVE-2026-39984: one enclosed certificate was judged, and another one had signed.
  it("are not taken for another certificate that lies beside theirs", () => {
    const forged = makeCertificate({
      subject: "tsa",
      issuer: { ...tsa.intermediate, keys: makeKeys() },
      serial: writeDerInteger(3),
      extensions: timestampingExtensions(),
    });
    expect(judge({ embedded: [forged.der, der] }, ANCHOR)).toBe("good");
    expect(judge({ signer: forged, embedded: [forged.der, der] }, ANCHOR)).toBe("timestamp-untrusted");
    const genuine = (info: Buffer) => [
      contentType(),
      messageDigest(digestOf("sha256", info)),
      signingCertificateV2(der),
    ];
    expect(judge({ signer: forged, embedded: [forged.der, der], attributes: genuine }, ANCHOR)).toBe(
      "timestamp-signature",
    );
  });

  it.each<[string, CertificateWish]>([
    ["another purpose", { extensions: [keyUsage(0), extendedKeyUsage([CODE_SIGNING], true)] }],
    ["two purposes", { extensions: [keyUsage(0), extendedKeyUsage([TIME_STAMPING, CODE_SIGNING], true)] }],
    ["any purpose", { extensions: [keyUsage(0), extendedKeyUsage(["2.5.29.37.0"], true)] }],
    ["no purpose", { extensions: [keyUsage(0)] }],
    ["a purpose that is not critical", { extensions: [keyUsage(0), extendedKeyUsage([TIME_STAMPING])] }],
    ["a key for agreement", { extensions: [keyUsage(4), extendedKeyUsage([TIME_STAMPING], true)] }],
    ["authority", { extensions: [...caExtensions(), extendedKeyUsage([TIME_STAMPING], true)] }],
  ])("do not count with %s", (_, wish) => {
    const authority = makeAuthority(wish);
    const roots = [trustIn([authority.intermediate.der, authority.anchor.der])];
    expect(judge({ signer: authority.signer, embedded: [authority.signer.der] }, roots)).toBe("timestamp-purpose");
  });

  it("count with a key for signatures that commit", () => {
    const extensions = [keyUsage(1), extendedKeyUsage([TIME_STAMPING], true), basicConstraints(false)];
    expect(judgeOf(makeAuthority({ extensions }))).toBe("good");
  });
});
