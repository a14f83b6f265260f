import { generateKeyPairSync, X509Certificate } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WaybillError } from "#core/errors.ts";
import type { Certificate } from "#trust/certificate.ts";
import { checkCertificateSignature, findPath } from "#trust/certificatePath.ts";
import { isFault } from "#trust/fault.ts";
import { readCertificate } from "#trust/readCertificate.ts";
import {
  basicConstraints,
  caExtensions,
  CODE_SIGNING,
  extendedKeyUsage,
  extension,
  generalName,
  issuerKeyId,
  keyId,
  keyUsage,
  leafExtensions,
  makeCertificate,
  makeKeys,
  nameConstraints,
  TIME_STAMPING,
} from "../../test/fakes/makeCertificate.ts";
import type { CertificateWish, Made } from "../../test/fakes/makeCertificate.ts";

const AT = new Date("2026-06-01T00:00:00Z");
const SERVER = "1.3.6.1.5.5.7.3.1";
const ANY = "2.5.29.37.0";

const rsaKeys = generateKeyPairSync("rsa", { modulusLength: 2048 });
const rootKeys = makeKeys("P-384");
const middleKeys = makeKeys();
const leafKeys = makeKeys();
const rootWish: CertificateWish = { subject: "root", keys: rootKeys, extensions: caExtensions(), hash: "sha384" };
const root = makeCertificate(rootWish);
const middleWith = (wish: CertificateWish = {}, issuer: Made = root) =>
  makeCertificate({ subject: "middle", keys: middleKeys, issuer, extensions: caExtensions(0), ...wish });
const leafWith = (wish: CertificateWish = {}, issuer: Made = middleWith()) =>
  makeCertificate({ subject: "", keys: leafKeys, issuer, extensions: leafExtensions(), ...wish });

const read = (made: Made): Certificate => readCertificate(made.der);
interface Chain {
  readonly leaf?: Made;
  readonly middles?: readonly Made[];
  readonly anchors?: readonly Made[];
  readonly at?: string;
}
const find = ({ leaf, middles, anchors, at }: Chain, purpose: "code-signing" | "timestamping" = "code-signing") => {
  const pool = { anchors: (anchors ?? [root]).map(read), intermediates: (middles ?? [middleWith()]).map(read) };
  const found = findPath(read(leaf ?? leafWith()), pool, at === undefined ? AT : new Date(at), purpose);
  return isFault(found) ? `${found.code}: ${found.reason}` : found.certificates.length;
};

describe("findPath", () => {
  it("leads from the leaf to an anchor", () => {
    expect(find({})).toBe(3);
    expect(find({ middles: [], anchors: [root, middleWith()] })).toBe(2);
    expect(find({ leaf: leafWith({}, root), middles: [] })).toBe(2);
  });

  it("takes an intermediate that a trusted root ends with for an anchor", () => {
    expect(find({ middles: [], anchors: [middleWith()] })).toBe(2);
  });

  it("counts both ends of a validity, for every certificate of the path (CVE-2026-24122, attack 17)", () => {
    const [from, to] = ["2026-05-01T00:00:00Z", "2026-06-30T00:00:00Z"];
    const narrow = [
      { leaf: leafWith({ from, to }) },
      { middles: [middleWith({ from, to })] },
      { anchors: [makeCertificate({ ...rootWish, from, to })] },
    ];
    for (const chain of narrow) {
      expect(find({ ...chain, at: from })).toBe(3);
      expect(find({ ...chain, at: to })).toBe(3);
      expect(find({ ...chain, at: "2026-04-30T23:59:59.999Z" })).toMatch(
        /^certificate-not-yet: .*was not valid at 2026-04-30/,
      );
      expect(find({ ...chain, at: "2026-06-30T00:00:00.001Z" })).toMatch(/^certificate-expired: .*until 2026-06-30/);
    }
    expect(find({ middles: [middleWith({ to })], at: "2026-07-01T00:00:00Z" })).toContain('the authority "middle"');
  });

  const leaves: readonly (readonly [string, string, CertificateWish])[] = [
    ["certificate-is-ca", "authority's own", { subject: "x", extensions: [...leafExtensions(), basicConstraints()] }],
    ["certificate-purpose", "not for code signing", { extensions: [keyUsage(0)] }],
    ["certificate-purpose", "not for code signing", { extensions: [keyUsage(0), extendedKeyUsage([SERVER])] }],
    ["certificate-purpose", "not for code signing", { extensions: [keyUsage(0), extendedKeyUsage([ANY])] }],
    ["certificate-purpose", "key usage", { extensions: [keyUsage(2), extendedKeyUsage([CODE_SIGNING])] }],
    ["certificate-purpose", "key usage", { extensions: [keyUsage(0, 5), extendedKeyUsage([CODE_SIGNING])] }],
  ];
  it.each(leaves)("refuses a leaf: %s, %s", (code, reason, wish) => {
    expect(find({ leaf: leafWith(wish) })).toMatch(new RegExp(`^${code}: .*${reason}`));
  });

  it("does not ask a leaf for a keyUsage, which limits only where it is", () => {
    expect(find({ leaf: leafWith({ extensions: [extendedKeyUsage([CODE_SIGNING])] }) })).toBe(3);
    expect(find({ middles: [middleWith({ extensions: [basicConstraints()] })] })).toBe(3);
  });

  const middles: readonly (readonly [string, string, CertificateWish])[] = [
    ["certificate-path", "may not sign certificates", { extensions: [keyUsage(5)] }],
    ["certificate-path", "may not sign certificates", { extensions: [basicConstraints(false), keyUsage(5)] }],
    ["certificate-path", "may not sign certificates", { extensions: [basicConstraints(), keyUsage(0, 6)] }],
    ["certificate-path", "did not sign", { keys: makeKeys() }],
    ["certificate-path", "issued by nobody", { subject: "other" }],
    ["certificate-purpose", "may not vouch for code", { extensions: [...caExtensions(), extendedKeyUsage([SERVER])] }],
    ["certificate-path", '"middle" .* is issued by nobody', { issuerName: leafWith({ subject: "gone" }).name }],
    [
      "certificate-path",
      'authority "root" .* did not sign the authority "middle"',
      { issuer: { ...root, keys: makeKeys() } },
    ],
    [
      "certificate-names",
      "example.test/builder",
      { extensions: [...caExtensions(), nameConstraints([generalName(6, "acme.test")])] },
    ],
    [
      "certificate-names",
      "cannot be checked",
      { extensions: [...caExtensions(), nameConstraints([generalName(8, "*")])] },
    ],
  ];
  it.each(middles)("refuses an intermediate: %s, %s", (code, reason, wish) => {
    expect(find({ middles: [middleWith(wish)] })).toMatch(new RegExp(`^${code}: .*${reason}`));
  });

  it("lets an intermediate be limited to the purpose, or to any", () => {
    for (const usage of [CODE_SIGNING, ANY]) {
      const middle = middleWith({ extensions: [...caExtensions(), extendedKeyUsage([SERVER, usage])] });
      expect(find({ middles: [middle] })).toBe(3);
    }
    const anchor = makeCertificate({ ...rootWish, extensions: [...caExtensions(), extendedKeyUsage([TIME_STAMPING])] });
    expect(find({ anchors: [anchor] })).toMatch(/^certificate-purpose: the authority "root"/);
  });

  it("keeps to the length of a path that each authority allows, the anchor among them", () => {
    const lower = makeCertificate({ subject: "lower", issuer: middleWith(), extensions: caExtensions() });
    const leaf = leafWith({}, lower);
    expect(find({ leaf, middles: [lower, middleWith()] })).toMatch(
      /^certificate-path: .*allows 0 authorities below it and has 1/,
    );
    expect(find({ leaf, middles: [lower, middleWith({ extensions: caExtensions(1) })] })).toBe(4);
    const anchor = makeCertificate({ ...rootWish, extensions: caExtensions(0) });
    expect(find({ anchors: [anchor] })).toMatch(/^certificate-path: .*allows 0 authorities below it and has 1/);
  });

  it("tells authorities of one name by their keys' ids", () => {
    const leaf = leafWith({ extensions: [...leafExtensions(), issuerKeyId("one")] });
    const [one, two] = ["one", "two"].map((id) => middleWith({ extensions: [...caExtensions(), keyId(id)] }));
    if (one === undefined || two === undefined) throw new Error("two authorities were to be made");
    expect(find({ leaf, middles: [two] })).toMatch(/^certificate-path: .*issued by nobody/);
    expect(find({ leaf, middles: [two, one] })).toBe(3);
  });

  it("finds the way around authorities that do not lead anywhere", () => {
    const strange = middleWith({ keys: makeKeys() });
    const expired = middleWith({ to: "2026-02-01T00:00:00Z" });
    expect(find({ middles: [strange, expired, middleWith()] })).toBe(3);
    expect(find({ middles: [strange, expired] })).toMatch(/^certificate-expired/);
  });

  it("gives up in a maze of authorities that sign each other (attack 30)", () => {
    const maze = Array.from({ length: 12 }, (_, index) => {
      const own: Made = { ...middleWith(), name: leafWith({ subject: "middle" }).name };
      return makeCertificate({
        subject: "middle",
        keys: middleKeys,
        issuer: own,
        extensions: [...caExtensions(), keyId(`${index}`)],
      });
    });
    expect(find({ middles: maze })).toMatch(/^certificate-limits: no chain of at most 10/);
    const rungs = Array.from({ length: 10 }, (_, rung) => rung).reduce<readonly Made[]>(
      (made, rung) => [
        ...made,
        makeCertificate({ subject: `ca ${rung}`, issuer: made.at(-1) ?? root, extensions: caExtensions() }),
      ],
      [],
    );
    expect(find({ leaf: leafWith({}, rungs[7]), middles: rungs })).toBe(10);
    expect(find({ leaf: leafWith({}, rungs[8]), middles: rungs })).toMatch(/^certificate-limits/);
  });

  it("wants a timestamper's certificate for nothing else, and says so critically (RFC 3161 section 2.3)", () => {
    const tsa = (purposes: readonly string[], critical: boolean, usage = keyUsage(0)) =>
      find({ leaf: leafWith({ extensions: [usage, extendedKeyUsage(purposes, critical)] }) }, "timestamping");
    expect(tsa([TIME_STAMPING], true)).toBe(3);
    expect(tsa([TIME_STAMPING], true, keyUsage(1))).toBe(3);
    expect(tsa([TIME_STAMPING], false)).toMatch(/^certificate-purpose/);
    expect(tsa([TIME_STAMPING, CODE_SIGNING], true)).toMatch(/^certificate-purpose/);
    expect(tsa([CODE_SIGNING], true)).toMatch(/^certificate-purpose: .*not for timestamping/);
  });
});

describe("checkCertificateSignature", () => {
  it("does not let an algorithm be another kind of key's", () => {
    const ed = read(makeCertificate({ ...rootWish, keys: generateKeyPairSync("ed25519") }));
    expect(checkCertificateSignature(ed, read(root))).toBe(false);
    expect(checkCertificateSignature(read(root), ed)).toBe(false);
    expect(checkCertificateSignature(ed, ed)).toBe(true);
  });

  it("agrees with OpenSSL on who signed what, for every pair of kinds", () => {
    const pairs = [...["P-256", "P-384", "P-521"].map(makeKeys), generateKeyPairSync("ed25519"), rsaKeys];
    const authorities = pairs.map((keys) => makeCertificate({ subject: "ca", keys, extensions: caExtensions() }));
    const made = authorities.flatMap((issuer) =>
      (["sha256", "sha384", "sha512"] as const).map((hash) => leafWith({ subject: "leaf", hash }, issuer)),
    );
    const verdicts = made.flatMap((leaf) =>
      authorities.map((issuer) => [
        checkCertificateSignature(read(leaf), read(issuer)),
        new X509Certificate(leaf.der).verify(new X509Certificate(issuer.der).publicKey),
      ]),
    );
    expect(verdicts.filter(([ours, theirs]) => ours !== theirs)).toEqual([]);
    expect(verdicts.filter(([ours]) => ours)).toHaveLength(made.length);
  });

  it("accepts no certificate of which an octet was changed, and what OpenSSL accepts", () => {
    const issuer = read(middleWith());
    const oracle = new X509Certificate(middleWith().der);
    const { der } = leafWith({ extensions: [...leafExtensions(), extension("1.2.3", Buffer.from("value"))] });
    expect(checkCertificateSignature(readCertificate(der), issuer)).toBe(true);
    expect(new X509Certificate(der).verify(oracle.publicKey)).toBe(true);
    expect(new X509Certificate(der).checkIssued(oracle)).toBe(true);
    fc.assert(
      fc.property(fc.nat(der.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = Buffer.from(der);
        changed[at] = (changed[at] ?? 0) ^ flip;
        // Every bit of a certificate is its body, its signature, or how the two are framed: none may be another.
        expect(isSigned(changed, issuer)).toBe(false);
      }),
      { numRuns: 400 },
    );
  });
});

const isSigned = (der: Buffer, issuer: Certificate): boolean => {
  try {
    return checkCertificateSignature(readCertificate(der), issuer);
  } catch (error) {
    if (error instanceof WaybillError) return false;
    throw error;
  }
};
