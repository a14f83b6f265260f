import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openRawRepository } from "./rawRegistry.ts";
import { startRealRegistry } from "./realRegistry.ts";
import type { RealRegistry, RegistryKind } from "./realRegistry.ts";
import { pushTinyImage } from "./tinyImage.ts";
import { waybill, waybillDone } from "./waybill.ts";
import { openWorkspace } from "./workspace.ts";

// Sixteen processes write to one `.sig` tag and, where there is no referrers API, to one fallback tag. Nothing may be lost.
// olareg 0.1.2 is left out: of manifests with one subject that arrive together it lists a few, whoever sends them.
const KINDS = ["embedded", "docker-registry"] as const;

const WRITERS = 16;
const names = Array.from({ length: WRITERS }, (_, index) => `writer-${index}`);
const workspace = openWorkspace();
const registries = new Map<RegistryKind, RealRegistry>();

beforeAll(async () => {
  for (const kind of KINDS) registries.set(kind, await startRealRegistry(workspace, kind));
  await Promise.all(
    names.map((name) =>
      waybillDone(["generate-key-pair", "--output-key-prefix", workspace.path(name)], { env: workspace.env }),
    ),
  );
}, 120_000);

afterAll(async () => {
  for (const registry of registries.values()) await registry[Symbol.asyncDispose]();
  workspace[Symbol.dispose]();
});

describe.each(KINDS)("on %s", (kind) => {
  it("keeps all signatures of 16 parallel processes, in both forms", { timeout: 180_000 }, async () => {
    const image = await pushTinyImage(workspace, `${registries.get(kind)?.host}/many/writers`, kind);
    const outcomes = await Promise.all(
      names.map((name) =>
        waybill(["sign", "--key", `${workspace.path(name)}.key`, "--storage", "both", "-y", image.reference], {
          env: workspace.env,
          timeoutMs: 150_000,
        }),
      ),
    );
    expect(outcomes.filter((outcome) => outcome.code !== 0)).toEqual([]);

    const repository = openRawRepository(image.name);
    const legacy = await repository.readManifest(`${image.digest.replace(":", "-")}.sig`);
    const { layers } = JSON.parse(Buffer.from(legacy?.bytes ?? "").toString()) as {
      readonly layers: readonly object[];
    };
    expect(layers.length).toBe(WRITERS);
    expect(new Set(await repository.listReferrers(image.digest)).size).toBe(WRITERS);

    for (const name of names) {
      const verify = ["verify", "--key", `${workspace.path(name)}.pub`, image.reference];
      await waybillDone(verify, { env: workspace.env });
    }
  });
});
