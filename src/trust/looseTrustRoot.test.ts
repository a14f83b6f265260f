import { describe, expect, it } from "vitest";
import { looseTrustRoot } from "#trust/looseTrustRoot.ts";
import type { LooseFile, LooseTrust } from "#trust/looseTrustRoot.ts";
import { caExtensions, leafExtensions, makeCertificate, makeKeys } from "../../test/fakes/makeCertificate.ts";
import type { Made } from "../../test/fakes/makeCertificate.ts";

const root = makeCertificate({ subject: "root", extensions: caExtensions() });
const middle = makeCertificate({ subject: "middle", issuer: root, extensions: caExtensions() });
const lower = makeCertificate({ subject: "lower", issuer: middle, extensions: caExtensions(0) });
const leaf = makeCertificate({ subject: "leaf", issuer: lower, extensions: leafExtensions() });
const other = makeCertificate({ subject: "other", extensions: caExtensions() });
// The same name, and another key.
const impostor = makeCertificate({ subject: "root", extensions: caExtensions() });

const pem = (label: string, der: Uint8Array): string =>
  `-----BEGIN ${label}-----\n${Buffer.from(der).toString("base64")}\n-----END ${label}-----\n`;
const file = (...made: readonly Made[]): LooseFile => ({
  name: "file.pem",
  pem: Buffer.from(made.map(({ der }) => pem("CERTIFICATE", der)).join("")),
});
const keyFile = (name: string): LooseFile => {
  const key = makeKeys().publicKey.export({ type: "spki", format: "der" });
  return { name, pem: Buffer.from(pem("PUBLIC KEY", key)) };
};
const chains = (files: LooseTrust) =>
  looseTrustRoot(files, "flags").certificateAuthorities.map(({ certificates }) => certificates.map(({ der }) => der));

describe("looseTrustRoot", () => {
  it("gives each root the intermediates that lead to it", () => {
    expect(chains({ caRoots: [file(root, other)], caIntermediates: [file(middle), file(lower)] })).toEqual([
      [lower.der, middle.der, root.der],
      [other.der],
    ]);
  });

  it("takes a chain as it stands, and the same file twice once", () => {
    expect(chains({ caChains: [file(lower, middle, root)] })).toEqual([[lower.der, middle.der, root.der]]);
    expect(chains({ caRoots: [file(root), file(root)] })).toEqual([[root.der]]);
  });

  it("tells roots from intermediates where they stand in one file", () => {
    expect(chains({ caBundles: [file(middle, root, lower)] })).toEqual([[lower.der, middle.der, root.der]]);
  });

  it("takes a timestamp authority with its leaf", () => {
    const { timestampAuthorities } = looseTrustRoot({ tsaChains: [file(leaf, lower, middle, root)] }, "flags");
    expect(timestampAuthorities[0]?.certificates).toHaveLength(4);
  });

  it("names logs by their keys alone, for all times", () => {
    const key = keyFile("rekor.pub");
    const { logs, ctLogs } = looseTrustRoot({ rekorKeys: [key, key], ctLogKeys: [keyFile("ct.pub")] }, "flags");
    expect([logs.length, ctLogs.length]).toEqual([1, 1]);
    expect(logs[0]).toMatchObject({ uri: "", origin: "", window: { start: undefined, end: undefined } });
    expect(logs[0]?.logId).toEqual(logs[0]?.keyId);
  });

  it.each<readonly [string, string, LooseTrust]>([
    ["a leaf among the roots", "not-a-ca", { caRoots: [file(leaf)] }],
    ["an intermediate that leads nowhere", "broken-chain", { caRoots: [file(other)], caIntermediates: [file(middle)] }],
    ["intermediates without any root", "broken-chain", { caIntermediates: [file(middle)] }],
    ["a bundle without a root", "broken-chain", { caBundles: [file(middle, lower)] }],
    ["a root of the same name", "broken-chain", { caRoots: [file(impostor)], caIntermediates: [file(middle)] }],
    ["a chain upside down", "broken-chain", { caChains: [file(root, middle)] }],
    ["a chain that ends with a leaf", "not-a-ca", { tsaChains: [file(leaf)] }],
    ["a file without certificates", "unreadable", { caRoots: [keyFile("file.pem")] }],
    [
      "a certificate that is none",
      "unreadable",
      { caRoots: [{ ...file(root), pem: Buffer.from(pem("CERTIFICATE", Buffer.from("x"))) }] },
    ],
  ])("refuses %s", (_, flaw, files) => {
    expect(() => looseTrustRoot(files, "flags")).toThrow(
      expect.objectContaining({
        code: "TRUST_INVALID",
        message: expect.stringContaining("file.pem") as string,
        details: { flaw },
      }),
    );
  });

  it("refuses a certificate where a log's key is wanted", () => {
    expect(() => looseTrustRoot({ rekorKeys: [file(root)] }, "flags")).toThrow("file.pem: this is a certificate");
  });
});
