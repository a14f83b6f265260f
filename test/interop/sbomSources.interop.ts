import { resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { peer } from "./peers.ts";
import { startRealRegistry } from "./realRegistry.ts";
import type { RealRegistry } from "./realRegistry.ts";
import { succeed } from "./run.ts";
import { waybillDone } from "./waybill.ts";
import { openWorkspace } from "./workspace.ts";

// One image, from wherever it lies: from a registry, a layout and an archive of it comes the same document, whether or not its
// layers were read before, and however many are read at once. An archive of `docker save` has no manifest, so only what is in
// the image is the same.

const workspace = openWorkspace();
const { env } = workspace;
const LAYOUT = `oci:${resolve("../shared/data/images/layout")}`;
const IMAGES = ["debian-node", "java-app", "go-static"];
let registry: RealRegistry;

beforeAll(async () => {
  registry = await startRealRegistry(workspace, "olareg");
  for (const name of IMAGES) {
    const copies = [`docker://${registry.host}/team/${name}:1.0`, `oci-archive:${workspace.path(`${name}.tar`)}:1.0`];
    for (const target of copies)
      await succeed(peer("skopeo"), ["copy", "--quiet", "--dest-tls-verify=false", `${LAYOUT}:${name}`, target], {
        env,
      });
    const saved = `docker-archive:${workspace.path(`${name}-saved.tar`)}:team/${name}:1.0`;
    await succeed(peer("skopeo"), ["copy", "--quiet", `${LAYOUT}:${name}`, saved], { env });
  }
}, 180_000);
afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  workspace[Symbol.dispose]();
});

const sbom = async (...args: readonly string[]): Promise<string> =>
  (await waybillDone(["sbom", "--quiet", ...args], { env })).stdout;

describe.each(IMAGES)("%s", (name) => {
  it("is the same document from every source, cached or not, and with any number of threads", async () => {
    const document = await sbom("--no-cache", `${LAYOUT}:${name}`);
    expect(document.length).toBeGreaterThan(5000);
    const tagged = `${registry.host}/team/${name}:1.0`;
    const archive = `oci:${workspace.path(`${name}.tar`)}:1.0`;
    for (const args of [
      ["--no-cache", "--allow-http-registry", tagged],
      ["--no-cache", archive],
      ["--no-cache", "--jobs", "1", archive],
      ["--cache", "--allow-http-registry", tagged],
      ["--cache", `${LAYOUT}:${name}`],
      ["--cache", "--jobs", "3", archive],
    ])
      expect([args, (await sbom(...args)) === document]).toEqual([args, true]);
  });

  it("has the same packages in an archive of docker save", async () => {
    const saved = `oci:${workspace.path(`${name}-saved.tar`)}`;
    const purls = await sbom("--no-cache", "--format", "purls", `${LAYOUT}:${name}`);
    expect(await sbom("--no-cache", "--format", "purls", saved)).toBe(purls);
  });
});
