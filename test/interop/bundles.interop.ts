import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createEmptyRoot } from "./cosign.ts";
import { peer } from "./peers.ts";
import { run, succeeded } from "./run.ts";
import type { Outcome } from "./run.ts";
import { waybill, waybillDone } from "./waybill.ts";
import { openWorkspace } from "./workspace.ts";

// Bundles that are made of loose signatures and of older bundles, both ways with real cosigns.

const DATA = join(process.cwd(), "../shared/data");
const KEYS = join(DATA, "papers/keys");
const CONFORMANCE = join(DATA, "sigstore-conformance/bundle-verify");
const workspace = openWorkspace();
const env = { ...workspace.env, COSIGN_PASSWORD: "correct horse" };
const emptyRoot = workspace.path("empty-root.json");
const blob = workspace.path("report.bin");
const other = workspace.path("other.bin");
const predicate = workspace.path("sbom.json");

type Name = "cosign223" | "cosign2" | "cosign3";

const cosign = (name: Name, ...args: readonly string[]): Promise<Outcome> =>
  run(peer(name), args, { env, cwd: workspace.path() });
const ours = (...args: readonly string[]): Promise<Outcome> => waybillDone(args, { env });
const publicKey = (kind: string): readonly string[] => ["--key", join(KEYS, `${kind}.pub`)];
const privateKey = (kind: string): readonly string[] => ["--key", join(KEYS, `${kind}.key`)];
const jsonOf = (path: string): unknown => JSON.parse(readFileSync(path, "utf8"));

// cosign wants to be told the hash of P-384 and P-521.
const HASHES: Readonly<Record<string, readonly string[]>> = {
  p384: ["--signature-digest-algorithm", "sha384"],
  p521: ["--signature-digest-algorithm", "sha512"],
};
const READ2 = ["--new-bundle-format=true", "--trusted-root", emptyRoot];

const theyVerify = (name: "cosign2" | "cosign3", kind: string, bundle: string, file = blob): Promise<Outcome> => {
  const how = ["--insecure-ignore-tlog=true", ...(name === "cosign2" ? READ2 : []), ...(HASHES[kind] ?? [])];
  return cosign(name, "verify-blob", ...publicKey(kind), ...how, "--bundle", bundle, file);
};

beforeAll(async () => {
  await createEmptyRoot(workspace, emptyRoot);
  writeFileSync(blob, "a report, signed as it is\n");
  writeFileSync(other, "another report\n");
  writeFileSync(predicate, '{"bomFormat":"CycloneDX","specVersion":"1.5","version":1}');
}, 60_000);

afterAll(() => workspace[Symbol.dispose]());

describe("bundle create", () => {
  it.each(["p256", "p384", "p521", "rsa2048"])("makes what cosign verifies: %s", async (kind) => {
    const [signature, made] = [workspace.path(`${kind}.sig`), workspace.path(`${kind}.made.json`)];
    await ours("sign-blob", ...privateKey(kind), "--output-signature", signature, blob);
    await ours("bundle", "create", "--artifact", blob, "--signature", signature, ...publicKey(kind), "--out", made);
    for (const name of ["cosign2", "cosign3"] as const) {
      succeeded(await theyVerify(name, kind, made));
      expect((await theyVerify(name, kind, made, other)).code).not.toBe(0);
    }
  });

  it.each(["cosign2", "cosign3"] as const)("reads and verifies what %s makes", async (name) => {
    const [signature, made] = [workspace.path(`${name}.sig`), workspace.path(`${name}.made.json`)];
    await ours("sign-blob", ...privateKey("p256"), "--output-signature", signature, blob);
    const about = ["--artifact", blob, "--signature", signature, ...publicKey("p256")];
    succeeded(await cosign(name, "bundle", "create", ...about, "--ignore-tlog", "--out", made));
    const shown = await ours("bundle", "inspect", "-o", "json", made);
    expect(JSON.parse(shown.stdout)).toMatchObject({ version: "0.3", content: { kind: "message" }, flaws: [] });
    await ours("verify-blob", ...publicKey("p256"), "--bundle", made, blob);
    expect((await waybill(["verify-blob", ...publicKey("p256"), "--bundle", made, other], { env })).code).toBe(1);
    const mine = await ours("bundle", "create", ...about);
    const theirs = jsonOf(made) as Readonly<Record<string, unknown>>;
    expect({ ...(JSON.parse(mine.stdout) as object), mediaType: theirs["mediaType"] }).toEqual(theirs);
  });
});

describe("bundle upgrade", () => {
  it("makes of a keyed bundle v0.1 what cosign's makes, and what cosign verifies", async () => {
    const [newer, old, mine, theirs] = ["new", "old", "mine", "theirs"].map((one) => workspace.path(`${one}.up.json`));
    await ours("sign-blob", ...privateKey("p256"), "--bundle", newer ?? "", blob);
    const document = jsonOf(newer ?? "") as object;
    writeFileSync(
      old ?? "",
      JSON.stringify({ ...document, mediaType: "application/vnd.dev.sigstore.bundle+json;version=0.1" }),
    );
    succeeded(await theyVerify("cosign3", "p256", old ?? ""));
    await ours("bundle", "upgrade", "--out", mine ?? "", old ?? "");
    succeeded(await cosign("cosign3", "bundle", "upgrade", "--out", theirs ?? "", old ?? ""));
    expect(jsonOf(mine ?? "")).toEqual(jsonOf(theirs ?? ""));
    succeeded(await theyVerify("cosign3", "p256", mine ?? ""));
    expect((await theyVerify("cosign3", "p256", mine ?? "", other)).code).not.toBe(0);
  });

  it.skipIf(!existsSync(CONFORMANCE)).each(["happy-path-v0.1", "happy-path-v0.2"])(
    "makes of a keyless bundle what cosign's makes: %s",
    async (name) => {
      const old = join(CONFORMANCE, name, "bundle.sigstore.json");
      const theirs = workspace.path(`${name}.theirs.json`);
      succeeded(await cosign("cosign3", "bundle", "upgrade", "--out", theirs, old));
      const mine = await ours("bundle", "upgrade", old);
      expect(JSON.parse(mine.stdout)).toEqual(jsonOf(theirs));
    },
  );

  it.skipIf(!existsSync(CONFORMANCE))("leaves a keyless bundle as good as it was", async () => {
    const given = join(CONFORMANCE, "intoto-with-custom-trust-root");
    const [old, made] = [join(given, "bundle.sigstore.json"), workspace.path("keyless.made.json")];
    await ours("bundle", "upgrade", "--out", made, old);
    const anybody = ["--certificate-identity-regexp", ".*", "--certificate-oidc-issuer-regexp", ".*"];
    const trust = ["--trusted-root", join(given, "trusted_root.json"), ...anybody, "--type", "slsaprovenance1"];
    for (const bundle of [old, made]) {
      const check = ["verify-blob-attestation", ...trust, "--bundle", bundle];
      succeeded(await cosign("cosign3", ...check, join(given, "artifact")));
      expect((await cosign("cosign3", ...check, other)).code).not.toBe(0);
    }
  });

  it.each(["cosign223", "cosign2", "cosign3"] as const)("makes v0.3 of the old bundle files of %s", async (name) => {
    const v3 = name === "cosign3" ? ["--use-signing-config=false", "--new-bundle-format=false"] : [];
    const how = ["--tlog-upload=false", "-y", ...v3, ...privateKey("p256")];
    const [signature, statement, made] = ["sig", "att", "made"].map((one) => workspace.path(`${name}.${one}.old.json`));
    succeeded(await cosign(name, "sign-blob", ...how, "--bundle", signature ?? "", blob));
    const upgrade = ["bundle", "upgrade", ...publicKey("p256"), "--out", made ?? ""];
    await ours(...upgrade, "--artifact", blob, signature ?? "");
    succeeded(await theyVerify("cosign3", "p256", made ?? ""));
    const about = ["--predicate", predicate, "--type", "cyclonedx"];
    succeeded(await cosign(name, "attest-blob", ...how, ...about, "--bundle", statement ?? "", blob));
    await ours(...upgrade, statement ?? "");
    const check = [...publicKey("p256"), "--type", "cyclonedx", "--insecure-ignore-tlog=true", "--bundle", made ?? ""];
    succeeded(await cosign("cosign3", "verify-blob-attestation", ...check, blob));
    expect((await cosign("cosign3", "verify-blob-attestation", ...check, other)).code).not.toBe(0);
  });
});
