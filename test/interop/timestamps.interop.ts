import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pemCertificates } from "#claims/pemCertificates.ts";
import { createTimestampSigner } from "#devsigstore/devAuthority.ts";
import { readTimestampRequest } from "#devsigstore/timestampRequest.ts";
import { writeTimestamp } from "#devsigstore/writeTimestamp.ts";
import { isFault } from "#trust/fault.ts";
import { verifyTimestamp } from "#trust/timestamp.ts";
import { trustIn } from "../fakes/makeTimestamp.ts";
import { run, succeed } from "./run.ts";

// OpenSSL's own timestamp authority, and its own verifier.
let home = "";
const at = (name: string): string => join(home, name);
const openssl = (...args: readonly string[]): Promise<string> => succeed("openssl", args, { cwd: home });

const KEYS = {
  p256: ["EC", "ec_paramgen_curve:P-256"],
  p384: ["EC", "ec_paramgen_curve:P-384"],
  rsa: ["RSA", "rsa_keygen_bits:2048"],
} as const;
type KeyName = keyof typeof KEYS;

const EXTENSIONS = `
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[tsa]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
`;

const config = (certificateHash: string): string => `
[tsa]
default_tsa = tsa_config
[tsa_config]
serial = ${at("serial")}
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1, millisecs:500, microsecs:100
ordering = yes
tsa_name = yes
ess_cert_id_chain = no
ess_cert_id_alg = ${certificateHash}
`;

const makeAuthority = async (name: KeyName): Promise<void> => {
  const [algorithm, option] = KEYS[name];
  for (const who of ["root", "signer"])
    await openssl("genpkey", "-algorithm", algorithm, "-pkeyopt", option, "-out", `${name}-${who}.key`);
  const request = ["req", "-x509", "-config", "extensions.cnf", "-days", "2"];
  const root = ["-extensions", "ca", "-subj", `/O=test/CN=${name} root`, "-key", `${name}-root.key`];
  await openssl(...request, ...root, "-out", `${name}-root.pem`);
  const signer = ["-extensions", "tsa", "-subj", `/O=test/CN=${name} tsa`, "-key", `${name}-signer.key`];
  const issuer = ["-CA", `${name}-root.pem`, "-CAkey", `${name}-root.key`];
  await openssl(...request, ...signer, ...issuer, "-out", `${name}-signer.pem`);
};

interface Wish {
  readonly key: KeyName;
  readonly hash: string;
  readonly certificateHash: string;
  readonly embedded: boolean;
  readonly tokenAlone: boolean;
}

const stamp = async ({ key, hash, certificateHash, embedded, tokenAlone }: Wish): Promise<Uint8Array> => {
  await writeFile(at("tsa.cnf"), config(certificateHash));
  await openssl("ts", "-query", "-data", "data", `-${hash}`, ...(embedded ? ["-cert"] : []), "-out", "query.tsq");
  const signer = ["-signer", `${key}-signer.pem`, "-inkey", `${key}-signer.key`, `-${hash}`];
  const out = ["-out", "answer.tsr", ...(tokenAlone ? ["-token_out"] : [])];
  await openssl("ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query.tsq", ...signer, ...out);
  return readFile(at("answer.tsr"));
};

const rootOf = async (key: KeyName, ...parts: readonly ("signer" | "root")[]) => {
  const chain = await Promise.all(parts.map((part) => readFile(at(`${key}-${part}.pem`))));
  return trustIn(chain.flatMap(pemCertificates));
};

const DATA = Buffer.from("what was signed");

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "waybill-timestamps-"));
  await writeFile(at("extensions.cnf"), `[req]\ndistinguished_name = name\n[name]\n${EXTENSIONS}`);
  await writeFile(at("serial"), "01\n");
  await writeFile(at("data"), DATA);
  for (const name of Object.keys(KEYS) as KeyName[]) await makeAuthority(name);
});
afterAll(() => rm(home, { recursive: true, force: true }));

describe("timestamps of OpenSSL", () => {
  it.each(Object.keys(KEYS) as KeyName[])("by a key of %s count, with every hash", async (key) => {
    const [named, anchored] = [await rootOf(key, "signer", "root"), await rootOf(key, "root")];
    const found: string[] = [];
    for (const hash of ["sha256", "sha384", "sha512"]) {
      for (const embedded of [true, false]) {
        const certificateHash = hash === "sha384" ? "sha1" : hash;
        const answer = await stamp({ key, hash, certificateHash, embedded, tokenAlone: hash === "sha512" });
        const verdict = verifyTimestamp(answer, DATA, [embedded ? anchored : named]);
        found.push(
          isFault(verdict) ? verdict.reason : `${verdict.hash} ${verdict.policy} ${verdict.nonce === undefined}`,
        );
        const untrusted = verifyTimestamp(answer, DATA, [await rootOf(key === "rsa" ? "p256" : "rsa", "root")]);
        expect(untrusted).toMatchObject({ code: "timestamp-untrusted" });
      }
    }
    const good = (hash: string) => `${hash} 1.2.3.4.1 false`;
    expect(found).toEqual(["sha256", "sha256", "sha384", "sha384", "sha512", "sha512"].map(good));
  });
});

describe("timestamps of the local Sigstore", () => {
  const now = Date.now();
  const { root, signer } = createTimestampSigner(now);
  const pem = (der: Uint8Array): string =>
    `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString("base64").replace(/.{64}/g, "$&\n")}\n-----END CERTIFICATE-----\n`;

  // The fraction of a second ends with its last digit that is not zero.
  it.each([0, 7, 120, 500])("count for OpenSSL and for Waybill, at %i ms", async (milliseconds) => {
    const time = Math.floor(now / 1000) * 1000 + milliseconds;
    const roots = [trustIn([signer.certificate, root.certificate])];
    await writeFile(at("dev-root.pem"), pem(root.certificate));
    await writeFile(at("dev-signer.pem"), pem(signer.certificate));
    for (const certificate of [[], ["-cert"]]) {
      await openssl("ts", "-query", "-data", "data", "-sha512", ...certificate, "-out", "dev.tsq");
      const answer = writeTimestamp(readTimestampRequest(await readFile(at("dev.tsq"))), signer, time);
      await writeFile(at("dev.tsr"), answer);
      const given = ["ts", "-verify", "-in", "dev.tsr", "-CAfile", "dev-root.pem", "-untrusted", "dev-signer.pem"];
      expect((await run("openssl", [...given, "-queryfile", "dev.tsq"], { cwd: home })).stdout).toContain("OK");
      const fraction = String(milliseconds).padStart(3, "0").replace(/0+$/, "");
      expect(verifyTimestamp(answer, DATA, roots)).toMatchObject({ hash: "sha512", time: new Date(time), fraction });
    }
  });
});
