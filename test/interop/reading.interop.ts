import { writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { COSIGN_WAYS, createEmptyRoot, generateCosignKey, openCosign } from "./cosign.ts";
import type { CosignWay } from "./cosign.ts";
import { peer } from "./peers.ts";
import { REGISTRY_KINDS, startRealRegistry } from "./realRegistry.ts";
import type { RealRegistry, RegistryKind } from "./realRegistry.ts";
import { run, succeed, succeeded } from "./run.ts";
import { pushTinyImage } from "./tinyImage.ts";
import { waybill, waybillDone } from "./waybill.ts";
import { openWorkspace } from "./workspace.ts";

// Papers that each cosign wrote are downloaded, shown, attached elsewhere and removed by us, and what we attach each cosign reads.

const workspace = openWorkspace();
const { env } = workspace;
const emptyRoot = workspace.path("empty-root.json");
const registries = new Map<RegistryKind, RealRegistry>();
const predicate = workspace.path("predicate.json");
const TYPE = "https://example.com/review/v1";

beforeAll(async () => {
  await createEmptyRoot(workspace, emptyRoot);
  for (const name of ["cosign223", "cosign2", "cosign3"] as const) {
    const way = COSIGN_WAYS.find((one) => one.name === name);
    if (way !== undefined) await generateCosignKey(workspace, way, name);
  }
  writeFileSync(predicate, '{"made":"by hand"}');
  for (const kind of REGISTRY_KINDS) registries.set(kind, await startRealRegistry(workspace, kind));
}, 120_000);

afterAll(async () => {
  for (const registry of registries.values()) await registry[Symbol.asyncDispose]();
  workspace[Symbol.dispose]();
});

const hostOf = (kind: RegistryKind): string => registries.get(kind)?.host ?? "";

/** An image with a signature and an attestation by this cosign. */
const issueBy = async (way: CosignWay, kind: RegistryKind, name: string) => {
  const cosign = openCosign(workspace, way, emptyRoot);
  const image = await pushTinyImage(
    workspace,
    `${hostOf(kind)}/${name}/${way.name}-${way.form}`,
    `${name} ${way.form}`,
  );
  const target = { key: `${workspace.path(way.name)}.key`, reference: image.reference };
  succeeded(await cosign.sign(target));
  succeeded(await cosign.attest(target, TYPE, predicate));
  const check = { ...target, key: `${workspace.path(way.name)}.pub` };
  return { image, cosign, check };
};

const lines = (text: string): readonly string[] => text.split("\n").filter((line) => line !== "");

const ours = async (...args: readonly string[]): Promise<string> =>
  (await waybillDone([...args, "--quiet"], { env })).stdout;

const papersOf = async (reference: string): Promise<readonly unknown[]> =>
  (
    JSON.parse(await ours("tree", "-o", "json", reference)) as { tree: { papers: readonly { kind: string }[] } }
  ).tree.papers.map(({ kind }) => kind);

describe.each(REGISTRY_KINDS)("over %s", (kind) => {
  it.each(COSIGN_WAYS)(
    "reads, brings elsewhere and removes what $name wrote in $form form",
    { timeout: 120_000 },
    async (way) => {
      const { image, cosign, check } = await issueBy(way, kind, "theirs");
      expect(await papersOf(image.reference)).toEqual(["signature", "attestation"]);

      const envelopes = await ours("download", "attestation", "--predicate-type", TYPE, image.reference);
      expect(lines(envelopes)).toHaveLength(1);
      const pipeline = `jq -r .payload | base64 -d | jq -c .predicate`;
      expect(await succeed("sh", ["-c", pipeline], { env, input: envelopes })).toBe('{"made":"by hand"}\n');

      // The same image elsewhere, with nothing on it, gets what was downloaded, byte for byte.
      const target = `${hostOf(kind)}/elsewhere/${way.name}-${way.form}`;
      await succeed(peer("crane"), ["copy", "--insecure", image.reference, `${target}:1.0`], { env });
      const elsewhere = `${target}@${image.digest}`;
      const [signature = ""] = lines(await ours("download", "signature", image.reference));
      const attached = workspace.path(`attached-${kind}-${way.name}-${way.form}`);
      if (way.form === "bundle") {
        writeFileSync(attached, signature);
        await ours("attach", "signature", "--bundle", attached, elsewhere);
        const bundles = await ours("download", "attestation", "--output", "bundle", image.reference);
        writeFileSync(attached, bundles);
      } else {
        const { Base64Signature, Payload } = JSON.parse(signature) as { Base64Signature: string; Payload: string };
        writeFileSync(attached, Base64Signature);
        writeFileSync(`${attached}.payload`, Buffer.from(Payload, "base64"));
        await ours("attach", "signature", "--signature", attached, "--payload", `${attached}.payload`, elsewhere);
        writeFileSync(attached, envelopes);
      }
      await ours("attach", "attestation", "--attestation", attached, elsewhere);
      succeeded(await cosign.verify({ ...check, reference: elsewhere }));
      succeeded(await cosign.verifyAttestation({ ...check, reference: elsewhere }, TYPE));

      // What is removed is gone for cosign, too, and the image and its papers elsewhere are not.
      const cleaned = await waybill(["clean", "-f", image.reference], { env });
      // Deletion is switched off in olareg by default.
      const deletes = kind !== "olareg";
      expect([cleaned.code, cleaned.stderr.includes("the registry does not delete")]).toEqual([
        deletes ? 0 : 6,
        !deletes,
      ]);
      if (!deletes) return void succeeded(await cosign.verify(check));
      expect(await papersOf(image.reference)).toEqual([]);
      expect((await cosign.verify(check)).code).not.toBe(0);
      await succeed(peer("crane"), ["manifest", "--insecure", image.reference], { env });
      succeeded(await cosign.verify({ ...check, reference: elsewhere }));
    },
  );
});

describe("where registries delete", () => {
  it.each(["embedded", "docker-registry"] as const)(
    "leaves another image the SBOM that both have attached, on %s",
    { timeout: 120_000 },
    async (kind) => {
      const images = [];
      for (const name of ["one", "two"])
        images.push(await pushTinyImage(workspace, `${hostOf(kind)}/shared/app`, `shared ${name} ${kind}`));
      const [first, second] = images.map(({ digest }) => `${hostOf(kind)}/shared/app@${digest}`);
      for (const one of [first, second])
        await succeed(peer("cosign2"), ["attach", "sbom", "--type", "cyclonedx", "--sbom", predicate, one ?? ""], {
          env,
        });
      expect(await ours("download", "sbom", second ?? "")).toBe('{"made":"by hand"}');
      await ours("clean", "-f", first ?? "");
      expect((await waybill(["download", "sbom", first ?? ""], { env })).code).toBe(4);
      expect(await ours("download", "sbom", second ?? "")).toBe('{"made":"by hand"}');
      expect(await succeed(peer("cosign2"), ["download", "sbom", second ?? ""], { env })).toContain(
        '{"made":"by hand"}',
      );
    },
  );
});

describe("against cosign's own output", () => {
  it.each(["cosign223", "cosign2", "cosign3"] as const)("prints what %s prints", { timeout: 120_000 }, async (name) => {
    const ways = COSIGN_WAYS.filter((way) => way.name === name && way.form === "legacy");
    for (const way of ways) {
      const { image } = await issueBy(way, "embedded", "compared");
      const theirs = async (...args: readonly string[]): Promise<string> => succeed(peer(name), [...args], { env });
      for (const words of [
        ["triangulate"],
        ["triangulate", "--type", "attestation"],
        ["generate"],
        ["generate", "-a", "a=b"],
      ])
        expect(await ours(...words, image.reference)).toBe(await theirs(...words, image.reference));
      expect(JSON.parse(await ours("download", "signature", image.reference))).toEqual(
        JSON.parse(await theirs("download", "signature", image.reference)),
      );
      const envelope = (text: string) => {
        const { payload, payloadType, signatures } = JSON.parse(text) as Record<string, unknown>;
        return [payload, payloadType, (signatures as readonly { sig: string }[]).map(({ sig }) => sig)];
      };
      expect(envelope(await ours("download", "attestation", image.reference))).toEqual(
        envelope(await theirs("download", "attestation", image.reference)),
      );
      expect((await run(peer(name), ["clean", "-f", image.reference], { env })).code).toBe(0);
      expect(await papersOf(image.reference)).toEqual([]);
    }
  });

  it.each(["cosign2", "cosign3"] as const)(
    "verifies in the directory that %s saved",
    { timeout: 120_000 },
    async (name) => {
      for (const way of COSIGN_WAYS.filter((one) => one.name === name)) {
        // v2.6.1 saves no bundles.
        if (name === "cosign2" && way.form === "bundle") continue;
        const { image } = await issueBy(way, "embedded", "saved");
        const dir = workspace.path(`saved-${way.name}-${way.form}`);
        await succeed(peer(name), ["save", "--dir", dir, image.reference], { env });
        const key = ["--key", `${workspace.path(name)}.pub`, "--local-image"];
        await ours("verify", ...key, dir);
        await ours("verify-attestation", ...key, "--type", TYPE, dir);
        expect(
          (await waybill(["verify", "--local-image", "--key", `${workspace.path("cosign223")}.pub`, dir], { env }))
            .code,
        ).toBe(1);
      }
    },
  );
});
