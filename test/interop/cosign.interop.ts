import { writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addBlank, carryPapers } from "./carryPapers.ts";
import { COSIGN_WAYS, createEmptyRoot, generateCosignKey, openCosign } from "./cosign.ts";
import type { Cosign, CosignWay } from "./cosign.ts";
import { peer } from "./peers.ts";
import { REGISTRY_KINDS, startRealRegistry } from "./realRegistry.ts";
import type { RealRegistry, RegistryKind } from "./realRegistry.ts";
import { succeed, succeeded } from "./run.ts";
import type { Outcome } from "./run.ts";
import { pushTinyImage } from "./tinyImage.ts";
import type { PushedImage } from "./tinyImage.ts";
import { waybill, waybillDone } from "./waybill.ts";
import { openWorkspace } from "./workspace.ts";

// The contract with cosign, both ways, for every version, form and registry. Each test brings its own image, so that no
// paper of another test can make it pass.

const TYPE = "openvex";
const PREDICATE = '{"@context":"https://openvex.dev/ns/v0.2.0","statements":[],"note":"a < b & c"}';

const workspace = openWorkspace();
const emptyRoot = workspace.path("empty-root.json");
const predicate = workspace.path("predicate.json");
const registries = new Map<RegistryKind, RealRegistry>();

beforeAll(async () => {
  await createEmptyRoot(workspace, emptyRoot);
  await writeFile(predicate, PREDICATE);
  await waybillDone(["generate-key-pair", "--output-key-prefix", workspace.path("ours")], { env: workspace.env });
  await waybillDone(["generate-key-pair", "--output-key-prefix", workspace.path("foreign")], { env: workspace.env });
  for (const name of ["cosign223", "cosign2", "cosign3"] as const) {
    const way = COSIGN_WAYS.find((one) => one.name === name);
    if (way !== undefined) await generateCosignKey(workspace, way, name);
  }
  for (const kind of REGISTRY_KINDS) registries.set(kind, await startRealRegistry(workspace, kind));
}, 120_000);

afterAll(async () => {
  for (const registry of registries.values()) await registry[Symbol.asyncDispose]();
  workspace[Symbol.dispose]();
});

const pushImage = (kind: RegistryKind, name: string): Promise<PushedImage> =>
  pushTinyImage(workspace, `${registries.get(kind)?.host}/${name}`, `${kind} ${name}`);

/** Our word: exit 0 or 1, never "could not decide". */
const ask = async (args: readonly string[]): Promise<boolean> => {
  const outcome = await waybill(args, { env: workspace.env });
  if (outcome.code !== 0 && outcome.code !== 1) expect.fail(JSON.stringify(outcome, undefined, 1));
  return outcome.code === 0;
};

const verifies = (key: string, reference: string, ...more: readonly string[]): Promise<boolean> =>
  ask(["verify", "--key", `${workspace.path(key)}.pub`, ...more, reference]);

const verifiesAttestation = (key: string, reference: string): Promise<boolean> =>
  ask(["verify-attestation", "--key", `${workspace.path(key)}.pub`, "--type", TYPE, reference]);

const issueWith = async (key: string, storage: string, reference: string): Promise<void> => {
  const common = ["--key", `${workspace.path(key)}.key`, "--storage", storage, "-y"];
  await waybillDone(["sign", ...common, "-a", "build_id=7", reference], { env: workspace.env });
  await waybillDone(["attest", ...common, "--type", TYPE, "--predicate", predicate, reference], { env: workspace.env });
};

const issueWithCosign = async (cosign: Cosign, key: string, reference: string): Promise<void> => {
  const target = { key: `${workspace.path(key)}.key`, reference };
  succeeded(await cosign.sign({ ...target, more: ["-a", "build_id=7"] }));
  succeeded(await cosign.attest(target, TYPE, predicate));
};

const accepted = (outcome: Outcome): boolean => outcome.code === 0;

/** Same image, other repository: a place for bent papers. */
const copyImage = async (image: PushedImage, to: string): Promise<PushedImage> => {
  await succeed(peer("crane"), ["copy", image.reference, `${to}:1.0`], { env: workspace.env });
  return { ...image, name: to, reference: `${to}@${image.digest}` };
};

const refusesBent = async (image: PushedImage, key: string, cosign: Cosign): Promise<void> => {
  const target = (reference: string) => ({ key: `${workspace.path(key)}.pub`, reference });
  for (const [suffix, bend, expected] of [
    ["/as-it-was", (paper: Buffer) => paper, true],
    ["/bent", addBlank, false],
  ] as const) {
    const copy = await copyImage(image, `${image.name}${suffix}`);
    expect(await carryPapers(image, copy.name, bend)).toBeGreaterThan(0);
    expect(await verifies(key, copy.reference)).toBe(expected);
    expect(await verifiesAttestation(key, copy.reference)).toBe(expected);
    expect(accepted(await cosign.verify(target(copy.reference)))).toBe(expected);
    expect(accepted(await cosign.verifyAttestation(target(copy.reference), TYPE))).toBe(expected);
  }
};

const repositoryOf = (way: CosignWay, test: string): string => `${way.name}/${way.form}/${test}`;

describe.each(REGISTRY_KINDS)("on %s", (kind) => {
  describe.concurrent.each(COSIGN_WAYS)("$name, $form form", (way) => {
    const cosign = openCosign(workspace, way, emptyRoot);

    it("verifies what waybill writes with cosign's key, and refuses it when bent", { timeout: 120_000 }, async () => {
      const image = await pushImage(kind, repositoryOf(way, "ours"));
      await issueWith(way.name, way.form, image.reference);
      const target = { key: `${workspace.path(way.name)}.pub`, reference: image.reference };
      const verified = succeeded(await cosign.verify(target));
      expect(verified.stdout).toContain(image.digest);
      const attested = succeeded(await cosign.verifyAttestation(target, TYPE));
      const { payload } = JSON.parse(attested.stdout) as { readonly payload: string };
      expect(Buffer.from(payload, "base64").toString()).toContain(PREDICATE);
      const foreign = { ...target, key: `${workspace.path("foreign")}.pub` };
      expect(accepted(await cosign.verify(foreign))).toBe(false);
      await refusesBent(image, way.name, cosign);
    });

    it("writes with waybill's key what waybill verifies, and refuses when bent", { timeout: 120_000 }, async () => {
      const image = await pushImage(kind, repositoryOf(way, "theirs"));
      await issueWithCosign(cosign, "ours", image.reference);
      expect(await verifies("ours", image.reference)).toBe(true);
      expect(await verifiesAttestation("ours", image.reference)).toBe(true);
      // v2.6.1 drops annotations when it writes a bundle.
      const carries = way.name !== "cosign2" || way.form === "legacy";
      expect(await verifies("ours", image.reference, "-a", "build_id=7")).toBe(carries);
      expect(await verifies("ours", image.reference, "-a", "build_id=8")).toBe(false);
      expect(await verifies("foreign", image.reference)).toBe(false);
      await refusesBent(image, "ours", cosign);
    });

    it(
      "finds its own in what waybill writes in both forms, beside papers of its own",
      { timeout: 60_000 },
      async () => {
        const image = await pushImage(kind, repositoryOf(way, "both"));
        await issueWithCosign(cosign, way.name, image.reference);
        await issueWith("ours", "both", image.reference);
        for (const key of ["ours", way.name]) {
          const target = { key: `${workspace.path(key)}.pub`, reference: image.reference };
          succeeded(await cosign.verify(target));
          succeeded(await cosign.verifyAttestation(target, TYPE));
          expect(await verifies(key, image.reference)).toBe(true);
          expect(await verifiesAttestation(key, image.reference)).toBe(true);
        }
      },
    );

    it("refuses a tag that moved to another image", { timeout: 60_000 }, async () => {
      const name = repositoryOf(way, "moved");
      const image = await pushImage(kind, name);
      await issueWith("ours", way.form, `${image.name}:1.0`);
      await pushTinyImage(workspace, image.name, "another image");
      const target = { key: `${workspace.path("ours")}.pub`, reference: `${image.name}:1.0` };
      expect(accepted(await cosign.verify(target))).toBe(false);
      expect(await verifies("ours", `${image.name}:1.0`)).toBe(false);
      expect(await verifies("ours", image.reference)).toBe(true);
    });
  });
});
