import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { pemCertificates } from "#claims/pemCertificates.ts";
import type { Certificate } from "#trust/certificate.ts";
import { findPath } from "#trust/certificatePath.ts";
import { isFault } from "#trust/fault.ts";
import { readCertificate } from "#trust/readCertificate.ts";

const folder = mkdtempSync(join(tmpdir(), "waybill-chains-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string): string => join(folder, name);
const openssl = (...args: readonly string[]): void => {
  execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
};

const CA = "basicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign\nsubjectKeyIdentifier=hash\n";
const LEAF =
  "keyUsage=critical,digitalSignature\nextendedKeyUsage=codeSigning\nsubjectAltName=URI:https://acme.test/x\nauthorityKeyIdentifier=keyid\n";

/** `name.pem` with `name.key`, signed by `issuer`, or itself. */
const make = (name: string, kind: readonly string[], extensions: string, issuer?: string, hash = "-sha256"): string => {
  openssl("genpkey", "-out", `${name}.key`, ...kind);
  openssl("req", "-new", "-key", `${name}.key`, "-subj", `/O=acme/CN=${name}`, "-out", `${name}.csr`);
  writeFileSync(file(`${name}.ext`), extensions);
  const by = issuer === undefined ? ["-signkey", `${name}.key`] : ["-CA", `${issuer}.pem`, "-CAkey", `${issuer}.key`];
  const serial = ["-set_serial", `0x5eed${Buffer.from(name).toString("hex").slice(0, 20)}`];
  openssl(
    "x509",
    "-req",
    "-in",
    `${name}.csr`,
    ...by,
    ...serial,
    "-days",
    "30",
    hash,
    "-extfile",
    `${name}.ext`,
    "-out",
    `${name}.pem`,
  );
  return name;
};

const P256 = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
const P384 = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"];
const RSA = ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"];
const ED25519 = ["-algorithm", "ED25519"];

const read = (name: string): Certificate => {
  const [der] = pemCertificates(readFileSync(file(`${name}.pem`)));
  if (der === undefined) throw new Error(`${name} has no certificate`);
  return readCertificate(der);
};

const ask = (root: string, middles: readonly string[], leaf: string, at: Date) => {
  writeFileSync(file("untrusted.pem"), middles.map((name) => readFileSync(file(`${name}.pem`), "utf8")).join(""));
  const untrusted = middles.length === 0 ? [] : ["-untrusted", "untrusted.pem"];
  const time = String(Math.floor(at.getTime() / 1000));
  const args = ["verify", "-partial_chain", "-attime", time, "-trusted", `${root}.pem`, ...untrusted, `${leaf}.pem`];
  const pool = { anchors: [read(root)], intermediates: middles.map(read) };
  const found = findPath(read(leaf), pool, at, "code-signing");
  return { ours: isFault(found) ? found.code : "ok", theirs: spawnSync("openssl", args, { cwd: folder }).status };
};

describe("paths through certificates that OpenSSL made", () => {
  make("root", P384, CA, undefined, "-sha384");
  make("other", P384, CA, undefined, "-sha384");
  make("middle", P256, CA, "root", "-sha384");
  make("lower", RSA, `${CA}authorityKeyIdentifier=keyid,issuer\n`, "middle");
  make("edge", ED25519, CA.replace("CA:true", "CA:true,pathlen:0"), "lower", "-sha512");
  make("tight", P256, CA.replace("CA:true", "CA:true,pathlen:0"), "root");
  make("below", P256, CA, "tight");
  make("named", P256, `${CA}nameConstraints=critical,permitted;URI:other.test\n`, "root");
  make("plain", P256, "basicConstraints=critical,CA:false\n", "root");
  make("leaf", P256, LEAF, "edge");
  make("near", RSA, LEAF, "root", "-sha512");
  make("deep", P256, LEAF, "below");
  make("outside", P256, LEAF, "named");
  make("bastard", P256, LEAF, "plain");
  const now = new Date(read("bastard").notBefore.getTime() + 3_600_000);

  it.each([
    ["root", ["edge", "middle", "lower"], "leaf", "ok"],
    ["middle", ["edge", "lower"], "leaf", "ok"],
    ["root", [], "near", "ok"],
    ["other", ["edge", "middle", "lower"], "leaf", "certificate-path"],
    ["root", ["edge", "lower"], "leaf", "certificate-path"],
    ["root", ["tight", "below"], "deep", "certificate-path"],
    ["root", ["named"], "outside", "certificate-names"],
    ["root", ["plain"], "bastard", "certificate-path"],
  ])("from %s by %s to %s: %s, as OpenSSL says", (root, middles, leaf, verdict) => {
    const { ours, theirs } = ask(root, middles, leaf, now);
    expect([ours, theirs === 0]).toEqual([verdict, verdict === "ok"]);
  });

  it("end and start when OpenSSL says", () => {
    const { notBefore, notAfter } = read("leaf");
    const verdicts = [-2000, 0].map((off) =>
      ask("root", ["edge", "middle", "lower"], "leaf", new Date(notBefore.getTime() + off)),
    );
    const late = ask("root", ["edge", "middle", "lower"], "leaf", new Date(notAfter.getTime() + 60_000));
    expect(verdicts.map(({ theirs }) => theirs === 0)).toEqual([false, true]);
    expect([verdicts[0]?.ours, verdicts[1]?.ours, late.ours, late.theirs === 0]).toEqual([
      "certificate-not-yet",
      "ok",
      "certificate-expired",
      false,
    ]);
  });
});
