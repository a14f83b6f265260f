import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askSigstoreVerify } from "../oracle/sigstoreVerify.ts";
import { startDevSigstoreProgram } from "./devSigstore.ts";
import type { DevSigstoreProgram } from "./devSigstore.ts";
import { peer } from "./peers.ts";
import type { PeerName } from "./peers.ts";
import { startRealRegistry } from "./realRegistry.ts";
import type { RealRegistry } from "./realRegistry.ts";
import { run, succeeded } from "./run.ts";
import type { Outcome } from "./run.ts";
import { pushTinyImage } from "./tinyImage.ts";
import type { PushedImage } from "./tinyImage.ts";
import { WAYBILL_ENV, waybillCommand } from "./waybill.ts";
import { openWorkspace } from "./workspace.ts";

// cosign signs keyless with the local Sigstore and verifies what it signed, and so does the JavaScript client.

const EMAIL = "a@example.com";
const workspace = openWorkspace();
const blob = workspace.path("report.bin");
const predicate = workspace.path("predicate.json");

let sigstore: DevSigstoreProgram;
let stranger: DevSigstoreProgram;
const registries = new Map<string, RealRegistry>();

beforeAll(async () => {
  writeFileSync(blob, "what is signed");
  writeFileSync(predicate, `{"made":"by hand"}`);
  sigstore = await startDevSigstoreProgram(workspace, "sigstore");
  stranger = await startDevSigstoreProgram(workspace, "stranger");
  for (const kind of ["embedded", "olareg"] as const) registries.set(kind, await startRealRegistry(workspace, kind));
});

afterAll(async () => {
  for (const registry of registries.values()) await registry[Symbol.asyncDispose]();
  await sigstore.stop();
  await stranger.stop();
  workspace[Symbol.dispose]();
});

const cosign = (name: PeerName, tuf: string, args: readonly string[]): Promise<Outcome> =>
  run(peer(name), args, { env: { ...workspace.env, TUF_ROOT: workspace.path(tuf) }, cwd: workspace.path() });

/** cosign 3 with files alone: where there is no TUF root, nothing comes from elsewhere. */
const cosign3 = (...args: readonly string[]): Promise<Outcome> => cosign("cosign3", "no-tuf", args);

const CONFIGS = [
  ["Rekor v2 and timestamps", "signing_config.json"],
  ["Rekor v1", "signing_config_rekor_v1.json"],
] as const;

const trust = () => ["--trusted-root", sigstore.file("trusted_root.json")];
const identity = (email = EMAIL, issuer = sigstore.issuer) => [
  "--certificate-identity",
  email,
  "--certificate-oidc-issuer",
  issuer,
];
const signer = async (config: string, query = `email=${EMAIL}`) => [
  "-y",
  "--signing-config",
  sigstore.file(config),
  ...trust(),
  "--identity-token",
  await sigstore.token(query),
];

const oracle = (bundle: string, email: string, root = sigstore): string =>
  askSigstoreVerify({
    bundle: readFileSync(bundle, "utf8"),
    trustedRoot: readFileSync(root.file("trusted_root.json"), "utf8"),
    artifact: { kind: "bytes", bytes: readFileSync(blob) },
    signer: { kind: "identity", identity: email, issuer: sigstore.issuer },
  });

/**
 * What the oracle must say of a good bundle. It reads times with three digits of a second or none alone, and DER cuts zeros
 * off: one timestamp in ten is right and refused.
 */
const goodAnswer = (bundle: string): string => {
  const stamps = /"signedTimestamp":\s*"([^"]+)"/.exec(readFileSync(bundle, "utf8"));
  const [, fraction = ""] =
    /\d{14}(?:\.(\d+))?Z/.exec(Buffer.from(stamps?.[1] ?? "", "base64").toString("latin1")) ?? [];
  return fraction.length % 3 === 0 ? "accept" : "Error: invalid time";
};

describe.each(CONFIGS)("files, with %s,", (_, config) => {
  it("are signed, and verify by cosign and by @sigstore/verify", async () => {
    const bundle = workspace.path(`blob-${config}`);
    succeeded(await cosign3("sign-blob", ...(await signer(config)), "--bundle", bundle, blob));
    succeeded(await cosign3("verify-blob", ...trust(), ...identity(), "--bundle", bundle, blob));
    expect(
      (await cosign3("verify-blob", ...trust(), ...identity("b@example.com"), "--bundle", bundle, blob)).code,
    ).toBe(1);
    const others = ["--trusted-root", stranger.file("trusted_root.json")];
    expect((await cosign3("verify-blob", ...others, ...identity(), "--bundle", bundle, blob)).code).toBe(1);
    expect(oracle(bundle, EMAIL)).toBe(goodAnswer(bundle));
    expect(oracle(bundle, "b@example.com")).not.toBe("accept");
    expect(oracle(bundle, EMAIL, stranger)).not.toBe("accept");
  });

  it("are attested, and verify by cosign and by @sigstore/verify", async () => {
    const bundle = workspace.path(`attestation-${config}`);
    const about = ["--type", "custom", "--predicate", predicate];
    succeeded(await cosign3("attest-blob", ...(await signer(config)), ...about, "--bundle", bundle, blob));
    const verify = ["verify-blob-attestation", "--type", "custom", ...trust(), "--bundle", bundle];
    succeeded(await cosign3(...verify, ...identity(), blob));
    expect((await cosign3(...verify, ...identity("b@example.com"), blob)).code).toBe(1);
    expect(oracle(bundle, EMAIL)).toBe(goodAnswer(bundle));
    expect(oracle(bundle, EMAIL, stranger)).not.toBe("accept");
  });
});

const push = (kind: string, name: string): Promise<PushedImage> =>
  pushTinyImage(workspace, `${registries.get(kind)?.host}/${name}`, `${kind} ${name}`);

describe.each(["embedded", "olareg"])("images in %s", (kind) => {
  it.each(CONFIGS)("are signed and attested with %s", async (_, config) => {
    const { reference } = await push(kind, config.replaceAll(/[^a-z0-9]/g, "-"));
    succeeded(await cosign3("sign", ...(await signer(config)), reference));
    succeeded(await cosign3("verify", ...trust(), ...identity(), reference));
    const about = ["--type", "custom", "--predicate", predicate];
    succeeded(await cosign3("attest", ...(await signer(config)), ...about, reference));
    succeeded(await cosign3("verify-attestation", "--type", "custom", ...trust(), ...identity(), reference));
    expect((await cosign3("verify", ...trust(), ...identity("b@example.com"), reference)).code).not.toBe(0);
  });
});

/** Where each version finds what it signs with, and how it is made to store signatures as before bundles. */
const LEGACY = [
  { name: "cosign3", format: ["--new-bundle-format=false"], sign: ["--use-signing-config=false"] },
  { name: "cosign2", format: [], sign: [] },
  { name: "cosign223", format: [], sign: [] },
] as const;

describe("through TUF", () => {
  it("cosign 3 needs no files", async () => {
    const here = (...args: readonly string[]) => cosign("cosign3", "tuf-bundle", args);
    succeeded(await here("initialize", "--mirror", `${sigstore.url}/tuf`, "--root", sigstore.file("root.json")));
    const bundle = workspace.path("tuf.json");
    const token = ["--identity-token", await sigstore.token(`email=${EMAIL}`)];
    succeeded(await here("sign-blob", "-y", ...token, "--bundle", bundle, blob));
    succeeded(await here("verify-blob", ...identity(), "--bundle", bundle, blob));
    expect(oracle(bundle, EMAIL)).toBe(goodAnswer(bundle));
  });

  it.each(LEGACY)("$name stores signatures as before bundles", async ({ name, format, sign }) => {
    const here = (...args: readonly string[]) => cosign(name, `tuf-${name}`, args);
    succeeded(await here("initialize", "--mirror", `${sigstore.url}/tuf`, "--root", sigstore.file("root.json")));
    const rekor = ["--rekor-url", `${sigstore.url}/rekor`];
    const services = [...rekor, "--fulcio-url", `${sigstore.url}/fulcio`, "--oidc-issuer", sigstore.issuer];
    const token = async () => ["--identity-token", await sigstore.token(`email=${EMAIL}`)];
    const write = ["-y", ...format, ...sign, ...services];
    const chain = workspace.path("timestamps.pem");
    writeFileSync(chain, await (await fetch(`${sigstore.url}/tsa/api/v1/timestamp/certchain`)).text());
    // cosign 2.2 does not take it from the mirror.
    const read = [...format, ...rekor, ...(name === "cosign223" ? ["--timestamp-certificate-chain", chain] : [])];
    const { reference } = await push("embedded", `legacy-${name}`);
    const stamped = ["--timestamp-server-url", `${sigstore.url}/tsa/api/v1/timestamp`];
    succeeded(await here("sign", ...write, ...stamped, ...(await token()), reference));
    succeeded(await here("verify", ...read, ...identity(), reference));
    expect((await here("verify", ...read, ...identity("b@example.com"), reference)).code).not.toBe(0);
    const about = ["--type", "custom", "--predicate", predicate];
    for (const kind of ["dsse", "intoto"])
      succeeded(await here("attest", ...write, "--rekor-entry-type", kind, ...(await token()), ...about, reference));
    succeeded(await here("verify-attestation", "--type", "custom", ...read, ...identity(), reference));
  });
});

it("certifies runs of GitHub Actions as cosign looks for them", async () => {
  const { reference } = await push("embedded", "workflow");
  const query = "repository=octo/app&ref=refs/tags/v1&event_name=release";
  succeeded(await cosign3("sign", ...(await signer("signing_config.json", query)), reference));
  const workflow = "https://github.com/octo/app/.github/workflows/release.yml@refs/tags/v1";
  const verify = ["verify", ...trust(), ...identity(workflow)];
  const claims = (repository: string) => [
    "--certificate-github-workflow-repository",
    repository,
    "--certificate-github-workflow-ref",
    "refs/tags/v1",
    "--certificate-github-workflow-trigger",
    "release",
  ];
  succeeded(await cosign3(...verify, ...claims("octo/app"), reference));
  expect((await cosign3(...verify, ...claims("octo/other"), reference)).code).not.toBe(0);
});

it("prints commands that work as they stand", async () => {
  const { reference } = await push("embedded", "printed");
  const bin = workspace.path("bin");
  mkdirSync(bin);
  symlinkSync(peer("cosign3"), join(bin, "cosign"));
  const [node, [launcher = ""]] = waybillCommand([]);
  writeFileSync(join(bin, "waybill"), `#!/bin/sh\nexec '${node}' '${launcher}' "$@"\n`, { mode: 0o755 });
  const path = { PATH: `${bin}:${process.env["PATH"]}`, TUF_ROOT: workspace.path("tuf-printed") };
  const env = { ...workspace.env, ...WAYBILL_ENV, ...path };
  const printed = sigstore.said().split("\n");
  const [token = "", ...others] = printed.filter((line) => line.startsWith("curl "));
  expect(others).toHaveLength(2);
  for (const other of others) succeeded(await run("sh", ["-c", other], { env }));
  const commands = printed.filter((line) => /^(?:cosign|waybill) /.test(line));
  expect(commands).toHaveLength(8);
  for (const command of [token, ...commands])
    succeeded(await run("sh", ["-c", command.replace(/IMAGE$/, reference)], { env }));
});
