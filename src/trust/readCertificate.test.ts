import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { contextTag, TAG } from "#claims/strictDer.ts";
import { writeDer, writeDerBits, writeDerInteger, writeDerOid } from "#claims/writeDer.ts";
import { readCertificate } from "#trust/readCertificate.ts";
import { codeOf } from "../../test/fakes/codeOf.ts";
import {
  algorithm,
  basicConstraints,
  caExtensions,
  CODE_SIGNING,
  extendedKeyUsage,
  extension,
  generalName,
  keyUsage,
  leafExtensions,
  makeCertificate,
  makeKeys,
  nameOf,
  subjectAltName,
} from "../../test/fakes/makeCertificate.ts";
import type { CertificateWish } from "../../test/fakes/makeCertificate.ts";

const keys = makeKeys();
const read = (wish: CertificateWish) =>
  readCertificate(makeCertificate({ keys, extensions: leafExtensions(), ...wish }).der, "it");

const other = (type: string, value: Buffer) =>
  writeDer(contextTag(0), writeDerOid(type), writeDer(contextTag(0), value));
const utf8 = (text: string | Buffer) => writeDer(TAG.utf8String, Buffer.from(text));
const SHA256 = algorithm("1.2.840.10045.4.3.2");
const rsa = (bits: number) => generateKeyPairSync("rsa", { modulusLength: bits });

describe("readCertificate", () => {
  it("reads what a leaf says of itself", () => {
    const names = subjectAltName(
      generalName(6, "https://example.test/a"),
      generalName(1, "a@example.test"),
      generalName(2, "example.test"),
      generalName(7, Buffer.from([10, 0, 0, 1])),
      generalName(7, Buffer.from("20010db8000000000000000000000001", "hex")),
      other("1.3.6.1.4.1.57264.1.7", utf8("ann!example.test")),
      other("1.3.6.1.4.1.311.20.2.3", utf8("ann")),
      writeDer(contextTag(4), nameOf("ann")),
    );
    const leaf = read({
      subject: "",
      issuerName: nameOf("ca"),
      extensions: [keyUsage(0, 8), extendedKeyUsage([CODE_SIGNING]), names],
    });
    expect(leaf.names).toEqual([
      { kind: "uri", value: "https://example.test/a" },
      { kind: "email", value: "a@example.test" },
      { kind: "dns", value: "example.test" },
      { kind: "ip", value: "10.0.0.1" },
      { kind: "ip", value: "2001:db8:0:0:0:0:0:1" },
      { kind: "other", value: "ann!example.test" },
    ]);
    expect([...(leaf.keyUsage ?? [])]).toEqual(["digitalSignature", "decipherOnly"]);
    expect(leaf.extendedKeyUsage).toEqual([CODE_SIGNING]);
    expect([leaf.isCa, leaf.pathLength, leaf.signatureAlgorithm, leaf.key.kind]).toEqual([
      false,
      undefined,
      "ecdsa-sha256",
      "ecdsa-p256",
    ]);
    expect(leaf.notBefore.toISOString()).toBe("2026-01-01T00:00:00.000Z");
    expect(leaf.extensions.get("2.5.29.15")?.critical).toBe(true);
  });

  it("reads authorities of every kind of key", () => {
    const kinds = [makeKeys("P-384"), makeKeys("P-521"), generateKeyPairSync("ed25519"), rsa(2048)].map((pair) => {
      const ca = read({ keys: pair, extensions: caExtensions(3), hash: "sha512" });
      return [ca.key.kind, ca.signatureAlgorithm, ca.isCa, ca.pathLength];
    });
    expect(kinds).toEqual([
      ["ecdsa-p384", "ecdsa-sha512", true, 3],
      ["ecdsa-p521", "ecdsa-sha512", true, 3],
      ["ed25519", "ed25519", true, 3],
      ["rsa", "rsa-pkcs1-sha512", true, 3],
    ]);
  });

  it("takes a serial number of 20 octets, and ids of keys", () => {
    const serial = writeDerInteger(Buffer.alloc(20, 0x7f));
    const ids = [
      extension("2.5.29.14", writeDer(TAG.octetString, Buffer.from([1, 2]))),
      extension("2.5.29.35", writeDer(TAG.sequence, writeDer(contextTag(0, false), Buffer.from([3])))),
    ];
    const it = read({ serial, extensions: ids });
    expect([it.serial.byteLength, it.subjectKeyId?.join(), it.authorityKeyId?.join()]).toEqual([20, "1,2", "3"]);
  });

  const one = (...contents: readonly Buffer[]) => writeDer(TAG.sequence, ...contents);
  const malformed: readonly (readonly [string, CertificateWish])[] = [
    ["is not of version 3", { version: writeDer(contextTag(0), writeDerInteger(1)) }],
    ["is not of version 3", { version: writeDer(contextTag(1), writeDerInteger(2)) }],
    ["eight parts", { extensions: [] }],
    ["is not positive", { serial: writeDerInteger(0) }],
    ["is not positive", { serial: writeDerInteger(-5) }],
    ["21 octets", { serial: writeDerInteger(Buffer.alloc(20, 0xff)) }],
    ["one signature algorithm inside", { algorithms: [SHA256, algorithm("1.2.840.10045.4.3.3")] }],
    ["does not say who issued it", { issuerName: nameOf("") }],
    ["authority without a name", { subject: "", issuerName: nameOf("ca"), extensions: caExtensions() }],
    ["not a list of types", { issuerName: one(writeDer(TAG.set, one(writeDerOid("2.5.4.3")))) }],
    ["OBJECT IDENTIFIER", { issuerName: one(writeDer(TAG.set, one(writeDer(TAG.oid), utf8("x")))) }],
    ["ends before it starts", { from: "2026-01-02T00:00:00Z", to: "2026-01-01T00:00:00Z" }],
    ["2.5.29.15 twice", { extensions: [keyUsage(0), keyUsage(0)] }],
    ["critical and unknown", { extensions: [extension("1.2.3.4", one(), true)] }],
    ["critical and unknown", { extensions: [extension("1.3.6.1.4.1.11129.2.4.3", writeDer(TAG.null), true)] }],
    [
      "TRUE where critical",
      { extensions: [one(writeDerOid("1.2.3"), writeDer(TAG.boolean, Buffer.from([0])), writeDer(TAG.octetString))] },
    ],
    ["basicConstraints", { extensions: [extension("2.5.29.19", one(writeDer(TAG.boolean, Buffer.from([0]))))] }],
    ["keyUsage", { extensions: [extension("2.5.29.15", writeDerBits(Buffer.from([0x80]), 6))] }],
    ["keyUsage", { extensions: [extension("2.5.29.15", writeDerBits(Buffer.from([0]), 7))] }],
    ["purposes", { extensions: [extension("2.5.29.37", one())] }],
    ["subjectAltName of it is empty", { extensions: [subjectAltName()] }],
    ["control character", { extensions: leafExtensions("https://example.test/\0.evil.test") }],
    ["control character", { extensions: leafExtensions("https://example.test/\u007f") }],
    ["control character", { extensions: [subjectAltName(other("1.3.6.1.4.1.57264.1.7", utf8("a\u0085")))] }],
    ["not ASCII", { extensions: leafExtensions("https://exämple.test") }],
    ["empty text", { extensions: leafExtensions("") }],
    ["not UTF-8", { extensions: [subjectAltName(other("1.3.6.1.4.1.57264.1.7", utf8(Buffer.from([0xff]))))] }],
    [
      "has the tag 0x16",
      { extensions: [subjectAltName(other("1.3.6.1.4.1.57264.1.7", writeDer(0x16, Buffer.from("a"))))] },
    ],
    ["unknown kind 0x89", { extensions: [subjectAltName(writeDer(0x89))] }],
    ["5 octets", { extensions: [subjectAltName(generalName(7, Buffer.alloc(5)))] }],
    ["not a public key that can be read", { spki: one(SHA256, writeDerBits(Buffer.alloc(5))) }],
  ];
  it.each(malformed)("refuses a certificate that %s", (reason, wish) => {
    expect(() => read(wish)).toThrow(reason);
    expect(codeOf(() => read(wish))).toBe("INPUT_INVALID");
  });

  it("refuses a point that is not on its curve, a compressed one, and explicit parameters (CVE-2020-0601)", () => {
    const spki = keys.publicKey.export({ type: "spki", format: "der" });
    const moved = Buffer.from(spki);
    moved[90] = (moved[90] ?? 0) ^ 1;
    expect(codeOf(() => read({ spki: moved }))).toBe("INPUT_INVALID");
    const raw = spki.subarray(27);
    const named = writeDer(TAG.sequence, writeDerOid("1.2.840.10045.2.1"), writeDerOid("1.2.840.10045.3.1.7"));
    const compressed = Buffer.concat([Buffer.from([2 + ((raw[63] ?? 0) & 1)]), raw.subarray(0, 32)]);
    expect(() => read({ spki: writeDer(TAG.sequence, named, writeDerBits(compressed)) })).toThrow("usual encoding");
    const explicit = generateKeyPairSync("ec", { namedCurve: "P-256", paramEncoding: "explicit" });
    expect(() => read({ keys: explicit })).toThrow("usual encoding");
  });

  const weak: readonly (readonly [string, CertificateWish])[] = [
    ["ECDSA with SHA-1", { algorithms: [algorithm("1.2.840.10045.4.1"), algorithm("1.2.840.10045.4.1")] }],
    [
      "ECDSA with NULL for parameters",
      {
        algorithms: [
          algorithm("1.2.840.10045.4.3.2", writeDer(TAG.null)),
          algorithm("1.2.840.10045.4.3.2", writeDer(TAG.null)),
        ],
      },
    ],
    [
      "RSA without parameters",
      { algorithms: [algorithm("1.2.840.113549.1.1.11"), algorithm("1.2.840.113549.1.1.11")] },
    ],
    ["a key of RSA-1024", { keys: rsa(1024) }],
    ["a key of secp256k1", { keys: makeKeys("secp256k1") }],
    ["a key of P-224", { keys: makeKeys("P-224") }],
  ];
  it.each(weak)("refuses %s as weak", (_, wish) => {
    expect(codeOf(() => read(wish))).toBe("KEY_WEAK");
  });

  it("bounds sizes (attack 30, CVE-2023-25656)", () => {
    const names = Array.from({ length: 257 }, (_, index) => generalName(2, `${index}.test`));
    expect(read({ extensions: [subjectAltName(...names.slice(1))] }).names).toHaveLength(256);
    expect(codeOf(() => read({ extensions: [subjectAltName(...names)] }))).toBe("LIMIT_EXCEEDED");
    const many = Array.from({ length: 65 }, (_, index) => extension(`1.2.3.${index}`, Buffer.alloc(1)));
    expect(codeOf(() => read({ extensions: many }))).toBe("LIMIT_EXCEEDED");
    const parts = Array.from({ length: 65 }, () => nameOf("x").subarray(2));
    expect(codeOf(() => read({ issuerName: writeDer(TAG.sequence, ...parts) }))).toBe("LIMIT_EXCEEDED");
    expect(codeOf(() => read({ extensions: [extension("1.2.3", Buffer.alloc(65_536))] }))).toBe("LIMIT_EXCEEDED");
  });

  it("refuses bytes behind the end, and authorities that end early", () => {
    const { der } = makeCertificate({ keys, extensions: [basicConstraints(false)] });
    expect(readCertificate(der).isCa).toBe(false);
    expect(codeOf(() => readCertificate(Buffer.concat([der, Buffer.from([0])])))).toBe("INPUT_INVALID");
    for (let end = 0; end < der.length; end += 7) {
      expect(codeOf(() => readCertificate(der.subarray(0, end)))).toBe("INPUT_INVALID");
    }
  });
});
