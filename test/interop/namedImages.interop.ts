import { readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { COSIGN_WAYS, generateCosignKey } from "./cosign.ts";
import { startEmbeddedRegistry } from "./embeddedRegistry.ts";
import type { EmbeddedRegistry } from "./embeddedRegistry.ts";
import { peer } from "./peers.ts";
import { succeed } from "./run.ts";
import { pushTinyImage } from "./tinyImage.ts";
import type { PushedImage } from "./tinyImage.ts";
import { waybill, waybillDone } from "./waybill.ts";
import { openWorkspace } from "./workspace.ts";

// Files that name images: signed by one, verified by the other, and with our digests in them still understood by cosign.

const workspace = openWorkspace();
const { env } = workspace;
const key = workspace.path("key.pub");
let registry: EmbeddedRegistry;
let app: PushedImage;
let base: PushedImage;

const write = async (name: string, text: string): Promise<string> => {
  await writeFile(workspace.path(name), text);
  return workspace.path(name);
};

beforeAll(async () => {
  const [way] = COSIGN_WAYS;
  if (way === undefined) throw new Error("no cosign");
  await generateCosignKey(workspace, way, "key");
  registry = await startEmbeddedRegistry(workspace, { dir: workspace.path("registry") });
  app = await pushTinyImage(workspace, `${registry.host}/app`, "app");
  base = await pushTinyImage(workspace, `${registry.host}/base`, "base");
  const sign = ["sign", "--yes", "--tlog-upload=false", "--key", workspace.path("key.key")];
  for (const image of [app, base]) await succeed(peer("cosign2"), [...sign, image.reference], { env });
}, 120_000);
afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  workspace[Symbol.dispose]();
});

describe.each(["cosign223", "cosign2", "cosign3"] as const)("%s", (name) => {
  const cosign = (kind: string, file: string): Promise<string> => {
    const legacy = name === "cosign223" ? [] : ["--new-bundle-format=false"];
    const args = [kind, "verify", "--key", key, "--insecure-ignore-tlog=true", ...legacy, file];
    return succeed(peer(name), args, { env });
  };

  it("understands a Deployment with our digests", async () => {
    const deployment = await write(
      "deploy.yaml",
      `apiVersion: apps/v1
kind: Deployment
metadata: { name: shop }
spec:
  selector: { matchLabels: { app: shop } }
  template:
    metadata: { labels: { app: shop } }
    spec:
      containers:
        - { name: main, image: "${app.name}:1.0" } # one
        - name: side
          image: ${base.name}:1.0
`,
    );
    const pinned = workspace.path(`${name}.yaml`);
    await waybillDone(["manifest", "verify", "--key", key, "--pinned", pinned, deployment], { env });
    const text = await readFile(pinned, "utf8");
    expect(text.match(/@sha256:[0-9a-f]{64}/g)).toEqual([`@${app.digest}`, `@${base.digest}`]);
    expect(await cosign("manifest", pinned)).toContain(app.digest);
  });

  it("understands a Dockerfile with our digests", async () => {
    const dockerfile = await write(
      "Dockerfile",
      `FROM ${base.name}:1.0 AS build\nFROM ${app.name}:1.0\nCOPY --from=build /a /a\n`,
    );
    const pinned = workspace.path(`${name}.Dockerfile`);
    await waybillDone(["dockerfile", "verify", "--key", key, "--pinned", pinned, dockerfile], { env });
    expect(await readFile(pinned, "utf8")).toContain(`FROM ${app.name}:1.0@${app.digest}\n`);
    expect(await cosign("dockerfile", pinned)).toContain(base.digest);
  });
});

describe("what cosign passes over", () => {
  it("is found here: an init container that nobody signed", async () => {
    const evil = await pushTinyImage(workspace, `${registry.host}/evil`, "evil");
    const file = await write(
      "init.yaml",
      `apiVersion: v1
kind: Pod
metadata: { name: shop }
spec:
  initContainers: [{ name: init, image: "${evil.name}:1.0" }]
  containers: [{ name: main, image: "${app.name}:1.0" }]
`,
    );
    const outcome = await waybill(["manifest", "verify", "--key", key, "-o", "lines", file], { env });
    expect(outcome.code).toBe(1);
    expect(outcome.stdout).toBe(`FAIL-not-signed ${evil.name}:1.0 ${file}:5\nOK-signed ${app.name}:1.0 ${file}:6\n`);
  });
});
