import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createEmptyRoot, COSIGN_WAYS, openCosign } from "./cosign.ts";
import { peer } from "./peers.ts";
import { openRawRepository } from "./rawRegistry.ts";
import { REGISTRY_KINDS, startRealRegistry } from "./realRegistry.ts";
import type { RealRegistry, RegistryKind } from "./realRegistry.ts";
import { succeed, succeeded } from "./run.ts";
import { pushTinyImage, resolvePushed } from "./tinyImage.ts";
import type { PushedImage } from "./tinyImage.ts";
import { waybill, waybillDone } from "./waybill.ts";
import { openWorkspace } from "./workspace.ts";

// The main job on what other people's tools pushed: papers, the screen that shows them, the check; again without a change.

const IMAGES = join(process.cwd(), "../shared/data/images/layout");
const PUSHERS = ["crane", "skopeo"] as const;

const workspace = openWorkspace();
const key = workspace.path("ours");
const emptyRoot = workspace.path("empty-root.json");
const registries = new Map<RegistryKind, RealRegistry>();

beforeAll(async () => {
  await createEmptyRoot(workspace, emptyRoot);
  for (const name of ["ours", "foreign"])
    await waybillDone(["generate-key-pair", "--output-key-prefix", workspace.path(name)], { env: workspace.env });
  for (const kind of REGISTRY_KINDS) registries.set(kind, await startRealRegistry(workspace, kind));
}, 60_000);

afterAll(async () => {
  for (const registry of registries.values()) await registry[Symbol.asyncDispose]();
  workspace[Symbol.dispose]();
});

/** Alpine's package database in one layer, pushed by the tool. */
const push = async (pusher: (typeof PUSHERS)[number], name: string): Promise<PushedImage> => {
  if (pusher === "crane") {
    const folder = workspace.path("alpine");
    if (!readdirSync(workspace.path()).includes("alpine"))
      await succeed(peer("skopeo"), ["copy", `oci:${IMAGES}:apk-alpine`, `oci:${folder}:1.0`], { env: workspace.env });
    await succeed(peer("crane"), ["push", folder, `${name}:1.0`], { env: workspace.env });
  } else {
    const source = `oci:${IMAGES}:apk-alpine`;
    const target = `docker://${name}:1.0`;
    await succeed(peer("skopeo"), ["copy", "--dest-tls-verify=false", source, target], { env: workspace.env });
  }
  return resolvePushed(workspace, name, "1.0");
};

const listTags = async (name: string): Promise<string> => succeed(peer("crane"), ["ls", name], { env: workspace.env });

describe.each(REGISTRY_KINDS)("on %s", (kind) => {
  it.each(PUSHERS)("issues, shows and verifies what %s pushed", { timeout: 120_000 }, async (pusher) => {
    const image = await push(pusher, `${registries.get(kind)?.host}/pushed/${pusher}`);
    const tagged = `${image.name}:1.0`;
    const issue = ["issue", "--key", `${key}.key`, "-y", "--source", "https://git.example/shop", tagged];
    await waybillDone(issue, { env: workspace.env });

    const verified = await waybillDone(["verify", "--key", `${key}.pub`, tagged], { env: workspace.env });
    expect(JSON.parse(verified.stdout)).toMatchObject([
      { critical: { image: { "docker-manifest-digest": image.digest } } },
    ]);
    for (const type of ["cyclonedx", "slsaprovenance1"])
      await waybillDone(["verify-attestation", "--key", `${key}.pub`, "--type", type, tagged], { env: workspace.env });
    const foreign = ["verify", "--key", workspace.path("foreign.pub"), tagged];
    expect((await waybill(foreign, { env: workspace.env })).code).toBe(1);

    const shown = await waybillDone(["show", "--key", `${key}.pub`, "-o", "json", tagged], { env: workspace.env });
    expect(JSON.stringify(JSON.parse(shown.stdout))).toContain(image.digest);

    for (const way of COSIGN_WAYS) {
      const cosign = openCosign(workspace, way, emptyRoot);
      const target = { key: `${key}.pub`, reference: image.reference };
      succeeded(await cosign.verify(target));
      const attested = succeeded(await cosign.verifyAttestation(target, "cyclonedx"));
      const { payload } = JSON.parse(attested.stdout.split("\n")[0] ?? "") as { readonly payload: string };
      expect(Buffer.from(payload, "base64").toString()).toContain("pkg:apk/alpine/musl@");
    }

    const before = [await listTags(image.name), await openRawRepository(image.name).listReferrers(image.digest)];
    const manifests = await readPaperTags(image);
    await waybillDone(issue, { env: workspace.env });
    expect([await listTags(image.name), await openRawRepository(image.name).listReferrers(image.digest)]).toEqual(
      before,
    );
    expect(await readPaperTags(image)).toEqual(manifests);
  });

  it("answers what it cannot find with 4, and what is unsigned with 1", { timeout: 60_000 }, async () => {
    const name = `${registries.get(kind)?.host}/absent/image`;
    const absent = await waybill(["verify", "--key", `${key}.pub`, `${name}:1.0`], { env: workspace.env });
    expect(absent.code).toBe(4);
    await pushTinyImage(workspace, name, "unsigned");
    const unsigned = await waybill(["verify", "--key", `${key}.pub`, `${name}:1.0`], { env: workspace.env });
    expect(unsigned.code).toBe(1);
    expect(unsigned.stderr).toContain("no matching signatures");
  });
});

const readPaperTags = async (image: PushedImage): Promise<readonly string[]> => {
  const tags = ["sig", "att"].map((suffix) => `${image.digest.replace(":", "-")}.${suffix}`);
  const found = await Promise.all(tags.map((tag) => openRawRepository(image.name).readManifest(tag)));
  return found.map((manifest) => Buffer.from(manifest?.bytes ?? "").toString());
};
