import { createPrivateKey, sign } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pae } from "../../src/claims/dsse.ts";
import { openKeylessBench } from "./keylessBench.ts";
import type { KeylessBench } from "./keylessBench.ts";
import { succeed, succeeded } from "./run.ts";
import type { PushedImage } from "./tinyImage.ts";
import { openWorkspace } from "./workspace.ts";

// Papers of authorities that are not the local Sigstore's: of one's own, as GitHub attests private repositories, and npm's.

const workspace = openWorkspace();
const ISSUER = "https://issuer.example";
const WORKFLOW = "https://github.com/octo/app/.github/workflows/release.yml@refs/tags/v1";
const SLSA = "https://slsa.dev/provenance/v1";
const file = workspace.path("report.bin");

let bench: KeylessBench;

const openssl = (...args: readonly string[]): Promise<string> =>
  succeed("openssl", args, { env: workspace.env, cwd: workspace.path() });

/** `name.pem` with `name.key`, signed by `issuer` or itself. */
const certify = async (name: string, extensions: string, issuer?: string): Promise<void> => {
  writeFileSync(workspace.path(`${name}.ext`), extensions);
  await openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", `${name}.key`);
  await openssl("req", "-new", "-key", `${name}.key`, "-subj", `/O=acme/CN=${name}`, "-out", `${name}.csr`);
  const by = issuer === undefined ? ["-signkey", `${name}.key`] : ["-CA", `${issuer}.pem`, "-CAkey", `${issuer}.key`];
  const made = ["-days", "30", "-extfile", `${name}.ext`, "-out", `${name}.pem`, "-set_serial", `0x5eed${name.length}`];
  await openssl("x509", "-req", "-in", `${name}.csr`, ...by, ...made);
};

const authority = (length: number): string =>
  `basicConstraints=critical,CA:true,pathlen:${length}\nkeyUsage=critical,keyCertSign\nsubjectKeyIdentifier=hash\n`;
const leaf = (name: string): string =>
  [
    "keyUsage=critical,digitalSignature",
    "extendedKeyUsage=codeSigning",
    `subjectAltName=URI:${name}`,
    "authorityKeyIdentifier=keyid",
    // Fulcio's issuer.
    `1.3.6.1.4.1.57264.1.8=ASN1:UTF8String:${ISSUER}`,
    // The older one, which cosign reads beside loose files.
    `1.3.6.1.4.1.57264.1.1=DER:${Buffer.from(ISSUER).toString("hex")}`,
    "",
  ].join("\n");

const sibling = (name: string): Buffer => readFileSync(workspace.path(name));
const derOf = (name: string): string =>
  sibling(`${name}.pem`)
    .toString()
    .replaceAll(/-----.*-----|\s/g, "");

const stamp = async (bytes: Uint8Array): Promise<Buffer> => {
  writeFileSync(workspace.path("stamped"), bytes);
  await openssl("ts", "-query", "-data", "stamped", "-sha256", "-cert", "-out", "query.tsq");
  const headers = { "content-type": "application/timestamp-query" };
  const answer = await fetch(bench.timestampServer, { method: "POST", headers, body: sibling("query.tsq") });
  return Buffer.from(await answer.arrayBuffer());
};

/** Provenance of an image in a bundle as GitHub makes it for a private repository: a certificate and a timestamp, no more. */
const attestPrivately = async (image: PushedImage): Promise<string> => {
  const subject = [{ name: image.name, digest: { sha256: image.digest.slice(7) } }];
  const statement = { _type: "https://in-toto.io/Statement/v1", subject, predicateType: SLSA, predicate: {} };
  const payload = Buffer.from(JSON.stringify(statement));
  const payloadType = "application/vnd.in-toto+json";
  const signed = pae(payloadType, payload);
  const signature = sign("sha256", signed, createPrivateKey(sibling("workflow.key")));
  const signedTimestamp = (await stamp(signature)).toString("base64");
  const path = workspace.path("private.json");
  writeFileSync(
    path,
    JSON.stringify({
      mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
      verificationMaterial: {
        certificate: { rawBytes: derOf("workflow") },
        timestampVerificationData: { rfc3161Timestamps: [{ signedTimestamp }] },
      },
      dsseEnvelope: {
        payload: payload.toString("base64"),
        payloadType,
        signatures: [{ sig: signature.toString("base64") }],
      },
    }),
  );
  return path;
};

beforeAll(async () => {
  writeFileSync(file, "what is signed");
  bench = await openKeylessBench(workspace);
  await certify("root", authority(1));
  await certify("middle", authority(0), "root");
  await certify("workflow", leaf(WORKFLOW), "middle");
  await certify("impostor-root", authority(1));
  writeFileSync(workspace.path("chain.pem"), Buffer.concat([sibling("middle.pem"), sibling("root.pem")]));
});

afterAll(async () => {
  await bench[Symbol.asyncDispose]();
  workspace[Symbol.dispose]();
});

const WHO = ["--certificate-identity", WORKFLOW, "--certificate-oidc-issuer", ISSUER];
const ALONE = ["--insecure-ignore-tlog", "--insecure-ignore-sct"];

describe("an authority of one's own", () => {
  const loose = () => ["--signature", "report.sig", "--certificate", "workflow.pem", ...WHO, file];
  beforeAll(async () => {
    const signature = sign("sha256", readFileSync(file), createPrivateKey(sibling("workflow.key")));
    writeFileSync(workspace.path("report.sig"), signature.toString("base64"));
    const stamped = await stamp(signature);
    writeFileSync(workspace.path("report.tsr"), stamped);
    // As cosign writes it.
    writeFileSync(
      workspace.path("report.tsr.json"),
      JSON.stringify({ SignedRFC3161Timestamp: stamped.toString("base64") }),
    );
  });

  it.each([
    ["a chain", ["--certificate-chain", "chain.pem"]],
    ["roots and what is between", ["--ca-roots", "root.pem", "--ca-intermediates", "middle.pem"]],
  ])("is named by %s, and then the clock says when", async (_, flags) => {
    const { stderr } = succeeded(await bench.check("verify-blob", ...flags, ...ALONE, ...loose()));
    expect(stderr).toContain(`signer: ${WORKFLOW}\n`);
    expect(stderr).toContain("log: not checked\ntimestamp: absent\n");
    expect(stderr).toContain("certificate log: not checked\n");
    expect(stderr).toMatch(/^signed: by .*, says the clock of this machine or --at alone$/m);
    succeeded(await bench.cosign("cosign3", "verify-blob", ...flags, ...ALONE, ...loose()));
  });

  it("counts for nobody who did not name it, nor when its certificates have ended", async () => {
    const wrong: readonly (readonly [flags: readonly string[], reason: RegExp])[] = [
      [["--ca-roots", "impostor-root.pem"], /issued by nobody who is trusted/],
      [[...bench.trust], /certificate/],
      [["--certificate-chain", "chain.pem", "--at", "2999-01-01T00:00:00Z"], /2999|expired|until|valid/],
    ];
    for (const [flags, reason] of wrong) {
      const { code, stderr } = await bench.check("verify-blob", ...flags, ...ALONE, ...loose());
      expect([code, stderr]).toEqual([1, expect.stringMatching(reason)]);
    }
  });

  it("is stamped where a timestamp is given", async () => {
    const chains = ["--certificate-chain", "chain.pem", "--timestamp-certificate-chain", "tsa.pem"];
    const flags = (name: string) => [...chains, "--use-signed-timestamps", "--rfc3161-timestamp", name];
    for (const name of ["report.tsr", "report.tsr.json"]) {
      const { stderr } = succeeded(await bench.check("verify-blob", ...flags(name), ...ALONE, ...loose()));
      expect(stderr).toMatch(/^signed: by .*, says the timestamp$/m);
    }
    succeeded(await bench.cosign("cosign3", "verify-blob", ...flags("report.tsr.json"), ...ALONE, ...loose()));
  });

  it("demands a log and a promise of one unless told otherwise", async () => {
    const root = workspace.path("own.json");
    const fulcio = ["--fulcio", "url=https://ca.example,certificate-chain=chain.pem"];
    succeeded(await bench.check("trusted-root", "create", ...fulcio, "--out", root));
    const without = await bench.check("verify-blob", "--trusted-root", root, ...loose());
    expect(without.code).toBe(8);
    succeeded(await bench.check("verify-blob", "--trusted-root", root, ...ALONE, ...loose()));
  });
});

describe("provenance as GitHub attaches it", () => {
  const TYPE = ["--type", "slsaprovenance1"];

  it("of a public repository needs no signature beside it", async () => {
    const { reference } = await bench.push("public");
    const predicate = workspace.path("provenance.json");
    const runDetails = { builder: { id: "https://github.com/actions/runner" } };
    writeFileSync(
      predicate,
      JSON.stringify({ buildDefinition: { buildType: "https://b", externalParameters: {} }, runDetails }),
    );
    const sign = await bench.bundled("signing_config_rekor_v1.json", "repository=octo/app&ref=refs/tags/v1");
    succeeded(await bench.cosign("cosign3", "attest", ...sign, ...TYPE, "--predicate", predicate, reference));
    const verify = [...TYPE, ...bench.trust, ...bench.identity(WORKFLOW), reference];
    succeeded(await bench.check("verify-attestation", ...verify));
    succeeded(await bench.cosign("cosign3", "verify-attestation", ...verify));
    const { code, stderr } = await bench.check("verify", ...bench.trust, ...bench.identity(WORKFLOW), reference);
    expect([code, stderr]).toEqual([1, expect.stringContaining(SLSA)]);
  });

  it("of a private one has a timestamp alone, by one of several roots", async () => {
    const image = await bench.push("private");
    const bundle = await attestPrivately(image);
    succeeded(await bench.check("attach", "attestation", "--attestation", bundle, image.reference));
    const tsa = ["--tsa", "url=https://timestamp.example,certificate-chain=tsa.pem"];
    const fulcio = ["--fulcio", "url=https://fulcio.example,certificate-chain=chain.pem"];
    succeeded(await bench.check("trusted-root", "create", ...fulcio, ...tsa, "--out", "github.json"));
    const roots = [bench.sigstore.file("trusted_root.json"), workspace.path("github.json")];
    const lines = roots.map((path) => JSON.stringify(JSON.parse(readFileSync(path, "utf8"))));
    writeFileSync(workspace.path("trusted_root.jsonl"), lines.join("\n"));
    const verify = ["verify-attestation", ...TYPE, "--trusted-root", "trusted_root.jsonl", ...WHO, image.reference];
    const { stderr } = succeeded(await bench.check(...verify, ...ALONE, "--use-signed-timestamps"));
    expect(stderr).toMatch(/^timestamp: https:\/\/timestamp\.example, /m);
    expect(stderr).toMatch(/^signed: by .*, says the timestamp$/m);
    const refused = await bench.check(...verify);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("--insecure-ignore-tlog")]);
    const promised = await bench.check(...verify, "--insecure-ignore-tlog", "--use-signed-timestamps");
    expect([promised.code, promised.stderr]).toEqual([1, expect.stringContaining("--insecure-ignore-sct")]);
    const blob = ["verify-blob-attestation", ...TYPE, "--trusted-root", "trusted_root.jsonl", ...WHO, ...ALONE];
    const digest = ["--digest", image.digest.slice(7), "--digestAlg", "sha256"];
    succeeded(await bench.check(...blob, "--use-signed-timestamps", "--bundle", bundle, ...digest));
    // The same, said once and for all.
    writeFileSync(
      workspace.path("github.yaml"),
      `apiVersion: waybill.dev/v1
kind: TrustSets
sets:
  github:
    roots: [{file: github.json}]
    identities: [{name: release, subject: "${WORKFLOW}", issuer: "${ISSUER}"}]
    require: {log: 0, timestamp: 1, sct: 0}
`,
    );
    const set = ["verify-attestation", ...TYPE, "--trust", "github.yaml", image.reference];
    expect(succeeded(await bench.check(...set)).stderr).toContain("log: absent\n");
  });
});

describe("npm's statements", () => {
  const name = "pkg:npm/%40acme/app@1.0.0";
  const PUBLISH = "https://github.com/npm/attestation/tree/main/specs/publish/v0.1";
  const sha512 = async () => (await succeed("sha512sum", [file])).slice(0, 128);

  const write = async (predicateType: string, predicate: object): Promise<string> => {
    const subject = [{ name, digest: { sha512: await sha512() } }];
    const path = workspace.path("statement.json");
    writeFileSync(
      path,
      JSON.stringify({ _type: "https://in-toto.io/Statement/v1", subject, predicateType, predicate }),
    );
    return path;
  };

  /** As npm's older bundles are: v0.2, the certificate as a chain of one. */
  const older = (bundle: string): string => {
    const { verificationMaterial, ...rest } = JSON.parse(readFileSync(bundle, "utf8"));
    const { certificate, ...material } = verificationMaterial;
    const path = `${bundle}.v02`;
    const mediaType = "application/vnd.dev.sigstore.bundle+json;version=0.2";
    const chain = certificate === undefined ? {} : { x509CertificateChain: { certificates: [certificate] } };
    writeFileSync(path, JSON.stringify({ ...rest, mediaType, verificationMaterial: { ...material, ...chain } }));
    return path;
  };

  it("of where a package comes from name it by SHA-512 alone", async () => {
    const bundle = workspace.path("npm.json");
    const statement = await write(SLSA, {
      buildDefinition: { buildType: "https://b", externalParameters: {} },
      runDetails: { builder: { id: "https://b" } },
    });
    const signing = await bench.bundled("signing_config_rekor_v1.json", "repository=octo/app&ref=refs/tags/v1");
    const attest = ["attest-blob", ...signing, "--statement", statement, "--bundle", bundle, file];
    succeeded(await bench.cosign("cosign3", ...attest));
    const verify = (path: string) => [
      "verify-blob-attestation",
      "--type",
      "slsaprovenance1",
      "--bundle",
      path,
      ...bench.trust,
      ...bench.identity(WORKFLOW),
    ];
    const digest = ["--digest", await sha512(), "--digestAlg", "sha512"];
    for (const path of [bundle, older(bundle)]) {
      succeeded(await bench.check(...verify(path), file));
      succeeded(await bench.check(...verify(path), ...digest));
      const other = await bench.check(...verify(path), bundle);
      expect([other.code, other.stderr]).toEqual([1, expect.stringMatching(/speaks of sha512:.*, not of sha512:/)]);
    }
    succeeded(await bench.cosign("cosign3", ...verify(bundle), file));
    expect((await bench.cosign("cosign3", ...verify(bundle), bundle)).code).not.toBe(0);
  });

  it("of what was published are signed by npm's key, and logged", async () => {
    const bundle = workspace.path("publish.json");
    succeeded(await bench.check("generate-key-pair", "--output-key-prefix", "npm"));
    const statement = await write(PUBLISH, {
      name: "@acme/app",
      version: "1.0.0",
      registry: "https://registry.example",
    });
    const config = ["--signing-config", bench.sigstore.file("signing_config_rekor_v1.json"), ...bench.trust];
    const attest = ["-y", "--key", "npm.key", ...config, "--statement", statement, "--bundle", bundle, file];
    succeeded(await bench.cosign("cosign3", "attest-blob", ...attest));
    // npm's hint is its own name of the key.
    const parsed = JSON.parse(readFileSync(bundle, "utf8"));
    parsed.verificationMaterial.publicKey = { hint: "SHA256:jl3bwswu80PjjokCgh0o2w5c2U4LhQAE57gj9cz1kzA" };
    writeFileSync(bundle, JSON.stringify(parsed));
    const verify = ["verify-blob-attestation", "--type", PUBLISH, "--bundle", older(bundle), "--key", "npm.pub"];
    succeeded(await bench.check(...verify, file));
    const logged = await bench.check(...verify, "--insecure-ignore-tlog=false", ...bench.trust, file);
    expect(succeeded(logged).stderr).toMatch(/^log: .*\/rekor, entry/m);
    expect((await bench.check(...verify, bundle)).code).toBe(1);
  });
});
