import { writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { COSIGN_WAYS, createEmptyRoot, generateCosignKey, openCosign } from "./cosign.ts";
import type { CosignWay } from "./cosign.ts";
import { peer } from "./peers.ts";
import { openRawRepository } from "./rawRegistry.ts";
import { REGISTRY_KINDS, startRealRegistry } from "./realRegistry.ts";
import type { RealRegistry, RegistryKind } from "./realRegistry.ts";
import { succeed, succeeded } from "./run.ts";
import { pushTinyImage } from "./tinyImage.ts";
import type { PushedImage } from "./tinyImage.ts";
import { waybillDone } from "./waybill.ts";
import { openWorkspace } from "./workspace.ts";

// One image that three versions of cosign and we have signed and attested, in both forms, goes through stores of every kind.
// Wherever it comes to, each cosign verifies what it wrote itself and what we wrote, and the tools for layouts read ours as we
// read theirs.

const TYPE = "openvex";
const OURS = "ours";
const workspace = openWorkspace();
const { env } = workspace;
const emptyRoot = workspace.path("empty-root.json");
const predicate = workspace.path("predicate.json");
const registries = new Map<RegistryKind, RealRegistry>();
let image: PushedImage;

const nameOf = ({ name, form }: CosignWay): string => `${name}-${form}`;
const keyOf = (name: string): string => workspace.path(`${name}.key`);
const publicKeyOf = (name: string): string => workspace.path(`${name}.pub`);
const hostOf = (kind: RegistryKind): string => registries.get(kind)?.host ?? "";

beforeAll(async () => {
  await createEmptyRoot(workspace, emptyRoot);
  await writeFile(predicate, '{"@context":"https://openvex.dev/ns/v0.2.0","statements":[]}');
  for (const kind of REGISTRY_KINDS) registries.set(kind, await startRealRegistry(workspace, kind));
  image = await pushTinyImage(workspace, `${hostOf("embedded")}/carried/app`, "carried");
  await waybillDone(["generate-key-pair", "--output-key-prefix", workspace.path(OURS)], { env });
  const common = ["--key", keyOf(OURS), "-y"];
  await waybillDone(["sign", ...common, image.reference], { env });
  await waybillDone(["attest", ...common, "--type", TYPE, "--predicate", predicate, image.reference], { env });
  for (const way of COSIGN_WAYS) {
    const cosign = openCosign(workspace, way, emptyRoot);
    await generateCosignKey(workspace, way, nameOf(way));
    const target = { key: keyOf(nameOf(way)), reference: image.reference };
    succeeded(await cosign.sign(target));
    succeeded(await cosign.attest(target, TYPE, predicate));
  }
}, 120_000);

afterAll(async () => {
  for (const registry of registries.values()) await registry[Symbol.asyncDispose]();
  workspace[Symbol.dispose]();
});

const copyTo = (from: string, to: string) => waybillDone(["copy", "--quiet", from, to], { env });
const copy = (from: string, to: string) => copyTo(`${from}:1.0`, `${to}:1.0`);

/** Each cosign finds its own papers and ours, in the form that it reads. */
const verifyAll = async (name: string, ways: readonly CosignWay[] = COSIGN_WAYS): Promise<void> => {
  const reference = `${name}@${image.digest}`;
  for (const way of ways) {
    const cosign = openCosign(workspace, way, emptyRoot);
    for (const key of [nameOf(way), OURS].map(publicKeyOf)) {
      succeeded(await cosign.verify({ key, reference }));
      succeeded(await cosign.verifyAttestation({ key, reference }, TYPE));
    }
  }
};

/** We find everybody's, in a registry, a layout or an archive. */
const verifyOurselves = async (reference: string, signers: readonly string[]): Promise<void> => {
  for (const signer of signers) {
    const key = ["--key", publicKeyOf(signer)];
    await waybillDone(["verify", ...key, reference], { env });
    await waybillDone(["verify-attestation", ...key, "--type", TYPE, reference], { env });
  }
};

const ALL_SIGNERS = [OURS, ...COSIGN_WAYS.map(nameOf)];
const BUNDLE_WAYS = COSIGN_WAYS.filter(({ form }) => form === "bundle");
const BUNDLE_SIGNERS = [OURS, ...BUNDLE_WAYS.map(nameOf)];
const LEGACY_WAYS = COSIGN_WAYS.filter(({ form }) => form === "legacy");

const referrersOf = async (name: string): Promise<readonly string[]> =>
  (await openRawRepository(name).listReferrers(image.digest)).toSorted();

describe("papers of all signers", () => {
  it("verify with each cosign after every hop, there and back", { timeout: 240_000 }, async () => {
    const hops = [
      `oci:${workspace.path("hop.tar.zst")}`,
      `${hostOf("docker-registry")}/carried/app`,
      `oci:${workspace.path("hop")}`,
      `${hostOf("olareg")}/carried/app`,
      `oci:${workspace.path("hop.tar")}`,
      `${hostOf("embedded")}/carried/back`,
    ];
    const all = await referrersOf(image.name);
    // A signature and an attestation each.
    expect(all).toHaveLength(2 * BUNDLE_SIGNERS.length);
    for (const [at, to] of hops.entries()) {
      await copy(hops[at - 1] ?? image.name, to);
      if (to.startsWith("oci:")) continue;
      expect(await referrersOf(to)).toEqual(all);
      await verifyAll(to);
    }
    await verifyOurselves(`oci:${workspace.path("hop")}:1.0`, ALL_SIGNERS);
  });
});

/** cosign's own verification within the directory that `save` wrote. */
const verifySaved = async (way: CosignWay, dir: string): Promise<void> => {
  // In a directory 2.6.1 looks for no bundles, and 3.1.2 for nothing else where there are some.
  if (way.form !== (way.name === "cosign3" ? "bundle" : "legacy")) return;
  const cosign = openCosign(workspace, way, emptyRoot);
  for (const key of [nameOf(way), OURS].map(publicKeyOf)) {
    const target = { key, reference: dir, more: ["--local-image"] };
    succeeded(await cosign.verify(target));
    succeeded(await cosign.verifyAttestation(target, TYPE));
  }
};

describe("save and load", () => {
  it("keep what each cosign verifies in the directory and after it", { timeout: 240_000 }, async () => {
    const dir = workspace.path("saved");
    await waybillDone(["save", "--quiet", "--dir", dir, `${image.name}:1.0`], { env });
    for (const way of COSIGN_WAYS) await verifySaved(way, dir);
    const loaded = `${hostOf("docker-registry")}/loaded/app`;
    await waybillDone(["load", "--quiet", "--dir", dir, `${loaded}:1.0`], { env });
    expect(await referrersOf(loaded)).toEqual(await referrersOf(image.name));
    await verifyAll(loaded);
    for (const way of LEGACY_WAYS) {
      const theirs = `${hostOf("olareg")}/loaded/${way.name}`;
      await succeed(peer(way.name), ["load", "--dir", dir, `${theirs}:1.0`], { env });
      await verifyAll(theirs, [way]);
    }
  });

  it.each(LEGACY_WAYS)("read what $name saved", { timeout: 120_000 }, async ({ name }) => {
    const dir = workspace.path(`saved-by-${name}`);
    await succeed(peer(name), ["save", "--dir", dir, `${image.name}:1.0`], { env });
    const target = `${hostOf("docker-registry")}/from/${name}`;
    await waybillDone(["load", "--quiet", "--dir", dir, `${target}:1.0`], { env });
    // Before version 3 cosign saves no bundles.
    const saved = name === "cosign3" ? await referrersOf(image.name) : [];
    expect(await referrersOf(target)).toEqual(saved);
    const ways = COSIGN_WAYS.filter((way) => way.name === name && (way.form === "legacy" || saved.length > 0));
    await verifyOurselves(`oci:${dir}`, ways.map(nameOf));
    await verifyAll(target, ways);
  });
});

// oras copies and saves what refers to an image; of cosign's tags it knows nothing.
describe("oras", () => {
  const oras = (...args: readonly string[]) => succeed(peer("oras"), args, { env });
  /** Reads what oras wrote; what a registry without referrers API lists of it, each verified there. */
  const carry = async (reference: string, folder: string): Promise<readonly string[]> => {
    const target = `${hostOf("docker-registry")}/oras/${folder}`;
    await verifyOurselves(reference, BUNDLE_SIGNERS);
    await copyTo(reference, `${target}:1.0`);
    await verifyAll(target, BUNDLE_WAYS);
    return referrersOf(target);
  };

  it("writes directories that we read, by cp and by backup", { timeout: 120_000 }, async () => {
    const [copied, backup] = [workspace.path("oras-copied"), workspace.path("oras-backup")];
    await oras("cp", "-r", "--from-plain-http", "--to-oci-layout", `${image.name}:1.0`, `${copied}:1.0`);
    expect(await carry(`oci:${copied}:1.0`, "copied")).toEqual(await referrersOf(image.name));
    await oras("backup", "--plain-http", "--include-referrers", "--output", backup, `${image.name}:1.0`);
    expect(await carry(`oci:${backup}:1.0`, "backup")).toEqual(await referrersOf(image.name));
  });

  it("writes archives that we read", { timeout: 120_000 }, async () => {
    const archive = workspace.path("oras-backup.tar");
    await oras("backup", "--plain-http", "--include-referrers", "--output", archive, `${image.name}:1.0`);
    expect(await carry(`oci:${archive}:1.0`, "archive")).toEqual(await referrersOf(image.name));
  });

  it("reads our directories and archives", { timeout: 120_000 }, async () => {
    const [dir, archive] = [workspace.path("for-oras"), workspace.path("for-oras.tar")];
    for (const place of [dir, archive]) await copy(image.name, `oci:${place}`);
    // Not olareg: it forgets referrers that come together.
    const [copied, restored] = [`${hostOf("embedded")}/oras/copied`, `${hostOf("embedded")}/oras/restored`];
    await oras("cp", "-r", "--to-plain-http", "--from-oci-layout", `${dir}:1.0`, `${copied}:1.0`);
    await oras("restore", "--plain-http", "--input", archive, `${restored}:1.0`);
    for (const name of [copied, restored]) {
      expect(await referrersOf(name)).toEqual(await referrersOf(image.name));
      await verifyAll(name, BUNDLE_WAYS);
    }
  });
});

describe("skopeo and crane", () => {
  it("read our layouts and archives, and give the image as it was", { timeout: 120_000 }, async () => {
    const [dir, archive] = [workspace.path("for-others"), workspace.path("for-others.tar")];
    for (const place of [dir, archive]) await copy(image.name, `oci:${place}`);
    for (const source of [`oci:${dir}:1.0`, `oci-archive:${archive}:1.0`]) {
      const info = await succeed(peer("skopeo"), ["inspect", source], { env });
      expect((JSON.parse(info) as { readonly Digest: string }).Digest).toBe(image.digest);
      const target = `${hostOf("embedded")}/skopeo/${source.split(":")[0] ?? ""}`;
      await succeed(peer("skopeo"), ["copy", "--dest-tls-verify=false", source, `docker://${target}:1.0`], { env });
      expect(await openRawRepository(target).readManifest(image.digest)).toBeDefined();
    }
    // crane pushes a layout as one index of all that is listed in it, papers included.
    const whole = `${hostOf("embedded")}/crane/whole`;
    await succeed(peer("crane"), ["push", "--index", dir, `${whole}:1.0`], { env });
    expect(await referrersOf(whole)).toEqual(await referrersOf(image.name));
  });
});
