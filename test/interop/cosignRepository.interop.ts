import { fail } from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { COSIGN_WAYS, createEmptyRoot, generateCosignKey, openCosign } from "./cosign.ts";
import type { CosignWay, Form } from "./cosign.ts";
import { startEmbeddedRegistry } from "./embeddedRegistry.ts";
import type { EmbeddedRegistry } from "./embeddedRegistry.ts";
import { peer } from "./peers.ts";
import { run, succeed, succeeded } from "./run.ts";
import { pushTinyImage } from "./tinyImage.ts";
import { waybill, waybillDone } from "./waybill.ts";
import { openWorkspace } from "./workspace.ts";

// COSIGN_REPOSITORY and COSIGN_DOCKER_MEDIA_TYPES, both ways, in every form that these versions of cosign have.

const TYPE = "openvex";
const workspace = openWorkspace();
const emptyRoot = workspace.path("empty-root.json");
const predicate = workspace.path("predicate.json");
const wayOf = (name: CosignWay["name"], form: Form): CosignWay =>
  COSIGN_WAYS.find((one) => one.name === name && one.form === form) ?? fail("no such cosign");
const OLD_BUNDLES = wayOf("cosign2", "bundle");
const WAYS = COSIGN_WAYS.filter((way) => way !== OLD_BUNDLES);
const LEGACY = wayOf("cosign2", "legacy");
const key = workspace.path("key");
let registry: EmbeddedRegistry;

beforeAll(async () => {
  await createEmptyRoot(workspace, emptyRoot);
  await writeFile(predicate, '{"@context":"https://openvex.dev/ns/v0.2.0","statements":[]}');
  await generateCosignKey(workspace, LEGACY, "key");
  registry = await startEmbeddedRegistry(workspace, { dir: workspace.path("registry") });
}, 60_000);
afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  workspace[Symbol.dispose]();
});

const tagsOf = async (repository: string): Promise<readonly string[]> => {
  const answer = await fetch(`${registry.url}/v2/${repository}/tags/list`);
  return answer.status === 404 ? [] : ((await answer.json()) as { readonly tags: readonly string[] }).tags;
};

const referrersOf = async (repository: string, digest: string): Promise<readonly unknown[]> => {
  const answer = await fetch(`${registry.url}/v2/${repository}/referrers/${digest}`);
  return answer.status === 404 ? [] : ((await answer.json()) as { readonly manifests: readonly unknown[] }).manifests;
};

describe.each(WAYS)("$name, $form form", (way) => {
  const cosign = openCosign(workspace, way, emptyRoot);
  const place = `${way.name}/${way.form}`;
  const target = (reference: string, env: Readonly<Record<string, string>>) => ({ key: `${key}.pub`, reference, env });

  it("reads what waybill keeps in another repository", { timeout: 60_000 }, async () => {
    const image = await pushTinyImage(workspace, `${registry.host}/${place}/ours`, `ours ${place}`);
    const env = { COSIGN_REPOSITORY: `${registry.host}/${place}/our-papers` };
    const common = ["--key", `${key}.key`, "--storage", way.form, "-y"];
    await waybillDone(["sign", ...common, image.reference], { env: { ...workspace.env, ...env } });
    await waybillDone(["attest", ...common, "--type", TYPE, "--predicate", predicate, image.reference], {
      env: { ...workspace.env, ...env },
    });
    expect(await tagsOf(`${place}/ours`)).toEqual(["1.0"]);
    expect(await referrersOf(`${place}/ours`, image.digest)).toEqual([]);
    const verified = succeeded(await cosign.verify(target(image.reference, env)));
    // A bundle's statement names no repository.
    const named = way.form === "legacy" ? `"docker-reference":"${image.name}"` : image.digest;
    expect(verified.stdout).toContain(named);
    succeeded(await cosign.verifyAttestation(target(image.reference, env), TYPE));
    expect((await cosign.verify(target(image.reference, {}))).code).not.toBe(0);
    const ours = (more: Readonly<Record<string, string>>) =>
      waybill(["verify", "--key", `${key}.pub`, image.reference], { env: { ...workspace.env, ...more } });
    expect((await ours(env)).code).toBe(0);
    expect((await ours({})).code).toBe(1);
  });

  it("keeps in another repository what waybill reads, and copies", { timeout: 60_000 }, async () => {
    const image = await pushTinyImage(workspace, `${registry.host}/${place}/theirs`, `theirs ${place}`);
    const env = { COSIGN_REPOSITORY: `${registry.host}/${place}/their-papers` };
    const theirs = { key: `${key}.key`, reference: image.reference, env };
    succeeded(await cosign.sign(theirs));
    succeeded(await cosign.attest(theirs, TYPE, predicate));
    const elsewhere = { env: { ...workspace.env, ...env } };
    const verify = ["verify", "--key", `${key}.pub`];
    const attested = ["verify-attestation", "--key", `${key}.pub`, "--type", TYPE];
    await waybillDone([...verify, image.reference], elsewhere);
    await waybillDone([...attested, image.reference], elsewhere);
    expect((await waybill([...verify, image.reference], { env: workspace.env })).code).toBe(1);
    await waybillDone(["copy", image.reference, `${registry.host}/${place}/copy:1.0`], elsewhere);
    await waybillDone([...verify, `${registry.host}/${place}/copy:1.0`], { env: workspace.env });
    await waybillDone([...attested, `${registry.host}/${place}/copy:1.0`], { env: workspace.env });
    succeeded(await cosign.verify(target(`${registry.host}/${place}/copy:1.0`, {})));
  });
});

describe("cosign 2.6.1", () => {
  it("keeps bundles beside the image whatever the variable says, as cosign did before 3.0.3", async () => {
    const cosign = openCosign(workspace, OLD_BUNDLES, emptyRoot);
    const image = await pushTinyImage(workspace, `${registry.host}/old/bundles`, "old bundles");
    const env = { COSIGN_REPOSITORY: `${registry.host}/old/papers` };
    succeeded(await cosign.sign({ key: `${key}.key`, reference: image.reference, env }));
    expect(await referrersOf("old/bundles", image.digest)).toHaveLength(1);
    expect(await referrersOf("old/papers", image.digest)).toHaveLength(0);
  });
});

describe("COSIGN_DOCKER_MEDIA_TYPES", () => {
  it("gives cosign's manifest and config, byte for byte but for the signature", { timeout: 60_000 }, async () => {
    const env = { COSIGN_DOCKER_MEDIA_TYPES: "1" };
    const cosign = openCosign(workspace, LEGACY, emptyRoot);
    const manifestOf = async (name: string, digest: string): Promise<string> => {
      const tag = `${name}:${digest.replace(":", "-")}.sig`;
      const manifest = await succeed(peer("crane"), ["manifest", tag], { env: workspace.env });
      return manifest.replace(/"dev\.cosignproject\.cosign\/signature": ?"[^"]*"/, "SIGNATURE");
    };
    const image = await pushTinyImage(workspace, `${registry.host}/docker-types/app`, "docker types");
    succeeded(await cosign.sign({ key: `${key}.key`, reference: image.reference, env }));
    const theirs = await manifestOf(image.name, image.digest);
    succeeded(
      await run(peer("crane"), ["delete", `${image.name}:${image.digest.replace(":", "-")}.sig`], {
        env: workspace.env,
      }),
    );
    await waybillDone(["sign", "--key", `${key}.key`, "--storage", "legacy", "-y", image.reference], {
      env: { ...workspace.env, ...env },
    });
    const ours = await manifestOf(image.name, image.digest);
    expect(ours).toContain("application/vnd.docker.distribution.manifest.v2+json");
    expect(ours).toBe(theirs);
    succeeded(await cosign.verify({ key: `${key}.pub`, reference: image.reference }));
  });
});
