import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { peer } from "./peers.ts";
import { run, succeeded } from "./run.ts";
import { waybill, waybillDone } from "./waybill.ts";
import { openWorkspace } from "./workspace.ts";

// Trusted roots and signing configs beside those that cosign makes of the same flags.

const workspace = openWorkspace();
const { env } = workspace;
const at = (name: string): string => workspace.path(name);
const KEYS = [
  ["p256", ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]],
  ["p384", ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"]],
  ["p521", ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"]],
  ["ed25519", ["-algorithm", "ED25519"]],
  ["rsa2048", ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]],
] as const;

const openssl = async (...args: readonly string[]): Promise<void> => {
  succeeded(await run("openssl", args, { env, cwd: workspace.path() }));
};
const theirs = async (...args: readonly string[]): Promise<string> => {
  const made = succeeded(await run(peer("cosign3"), args, { env, cwd: workspace.path() }));
  // Go's protojson puts blanks after commas, or none, as its build has it.
  return `${JSON.stringify(JSON.parse(made.stdout))}\n`;
};

const issue = async (name: string, subject: string, issuer: string, extensions: string): Promise<void> => {
  writeFileSync(at(`${name}.ext`), extensions);
  await openssl("req", "-new", "-key", "p256.key", "-subj", subject, "-out", `${name}.csr`);
  const by = ["-CA", `${issuer}.pem`, "-CAkey", "p256.key", "-CAcreateserial", "-days", "100"];
  await openssl("x509", "-req", "-in", `${name}.csr`, ...by, "-extfile", `${name}.ext`, "-out", `${name}.pem`);
};
const join = (name: string, ...parts: readonly string[]): void =>
  writeFileSync(at(name), parts.map((part) => readFileSync(at(`${part}.pem`), "utf8")).join(""));

beforeAll(async () => {
  for (const [name, options] of KEYS) {
    await openssl("genpkey", ...options, "-out", `${name}.key`);
    await openssl("pkey", "-in", `${name}.key`, "-pubout", "-out", `${name}.pub`);
  }
  // Of several organizations and common names, one of each is written.
  const subject = ["-subj", "/O=acme/O=other/CN=first/CN=root"];
  const ca = ["-days", "100", "-addext", "basicConstraints=critical,CA:TRUE"];
  await openssl("req", "-x509", "-new", "-key", "p256.key", ...subject, ...ca, "-out", "root.pem");
  await issue("middle", "/CN=middle", "root", "basicConstraints=critical,CA:TRUE\n");
  await issue(
    "leaf",
    "/CN=leaf",
    "middle",
    "extendedKeyUsage=critical,timeStamping\nkeyUsage=critical,digitalSignature\n",
  );
  join("ca.pem", "middle", "root");
  join("tsa.pem", "leaf", "middle", "root");
}, 60_000);

afterAll(() => workspace[Symbol.dispose]());

const START = "start-time=2024-01-01T00:00:00Z";
const log = (flag: string, key: string, year: number, more = ""): readonly string[] => [
  flag,
  `url=https://${key}.example/path,public-key=${key}.pub,start-time=${year}-01-01T00:00:00Z${more}`,
];

describe("trusted-root create", () => {
  it.each<readonly [string, readonly string[]]>([
    ["nothing", []],
    ["an authority", ["--fulcio", "url=https://ca.example,certificate-chain=ca.pem"]],
    [
      "authorities in the order of their beginnings",
      [
        "--fulcio",
        "url=https://late.example,certificate-chain=ca.pem,start-time=2025-01-01T00:00:00.25Z",
        "--fulcio",
        "url=https://early.example,certificate-chain=root.pem,start-time=2023-06-01T00:00:00+02:00,end-time=2024-01-01T00:00:00.123456789Z",
      ],
    ],
    ["a timestamp authority", ["--tsa", "url=https://tsa.example/api/v1/timestamp,certificate-chain=tsa.pem"]],
    ["logs of every kind of key", KEYS.flatMap(([key], index) => log("--rekor", key, 2020 + index))],
    ["logs with names", KEYS.flatMap(([key], index) => log("--ctfe", key, 2020 + index, ",origin=name.example/x"))],
  ])("is cosign's to the byte: %s", async (_, flags) => {
    // Our own paths are relative to where the program runs.
    const whole = flags.map((flag) => flag.replace(/(chain|key)=([a-z0-9]+\.)/, `$1=${workspace.path()}/$2`));
    const mine = await waybillDone(["trusted-root", "create", ...whole], { env });
    expect(mine.stdout).toBe(await theirs("trusted-root", "create", ...flags));
  });

  it("of the public instance is what cosign takes", async () => {
    const out = at("public.json");
    await waybillDone(["trusted-root", "create", "--with-default-services", "--out", out], { env });
    const data = "../shared/data/sigstore-conformance";
    const who = JSON.parse(
      readFileSync(`${data}/bundle-verify/happy-path-v0.3/bundle.sigstore.json`, "utf8"),
    ) as object;
    expect(who).toHaveProperty("verificationMaterial");
    const identity = [
      "--certificate-identity-regexp",
      "^https://github.com/sigstore-conformance/",
      "--certificate-oidc-issuer",
      "https://token.actions.githubusercontent.com",
    ];
    const bundle = ["--bundle", `${data}/bundle-verify/happy-path-v0.3/bundle.sigstore.json`, `${data}/a.txt`];
    succeeded(await run(peer("cosign3"), ["verify-blob", "--trusted-root", out, ...identity, ...bundle], { env }));
  });

  it("refuses chains that cosign takes and nobody could follow", async () => {
    join("reversed.pem", "root", "middle");
    const flags = ["--fulcio", `url=https://ca.example,certificate-chain=${at("reversed.pem")}`];
    await theirs("trusted-root", "create", ...flags);
    expect((await waybill(["trusted-root", "create", ...flags], { env })).code).toBe(8);
  });
});

const service = (flag: string, version: number, more = ""): readonly string[] => [
  flag,
  `url=https://${flag.slice(2)}.example,api-version=${version},${START},operator=example.org${more}`,
];

describe("signing-config create", () => {
  const whole = [
    ...service("--fulcio", 1, ",end-time=2027-01-01T00:00:00.5+01:00"),
    ...service("--fulcio", 0),
    ...service("--oidc-provider", 1),
    ...service("--rekor", 2),
    "--rekor-config",
    "any",
    ...service("--tsa", 1),
    "--tsa-config",
    "EXACT:2",
  ];

  it.each<readonly [string, readonly string[]]>([
    ["nothing", []],
    ["every kind", whole],
  ])("is cosign's to the byte: %s", async (_, flags) => {
    const mine = await waybillDone(["signing-config", "create", ...flags], { env });
    expect(mine.stdout).toBe(await theirs("signing-config", "create", ...flags));
  });

  it("changes a base as cosign does", async () => {
    const base = at("base.json");
    await waybillDone(["signing-config", "create", ...whole, "--out", base], { env });
    for (const change of [
      [],
      ["--no-default-rekor", "--no-default-oidc"],
      [...service("--fulcio", 3), "--tsa-config", "ALL"],
      ["--no-default-tsa", ...service("--tsa", 2), "--tsa-config", "EXACT:1"],
    ]) {
      const flags = ["signing-config", "create", "--base-config", base, ...change];
      expect((await waybillDone(flags, { env })).stdout).toBe(await theirs(...flags));
    }
  });
});
