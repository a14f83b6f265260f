import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { copyBlob } from "#app/copyBlob.ts";
import { openRoute } from "#app/copyRoute.ts";
import { digestOf } from "#core/digest.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { readAll } from "#core/verifiedBytes.ts";
import { startCutLine } from "../fakes/cutLine.ts";
import type { CutLine } from "../fakes/cutLine.ts";
import { createMemoryRepository } from "../fakes/memoryRepository.ts";
import { openTestClient } from "../fakes/openTestClient.ts";
import { testCtx } from "../fakes/testCtx.ts";
import { REGISTRY_KINDS, startRealRegistry } from "./realRegistry.ts";
import type { RealRegistry } from "./realRegistry.ts";
import { openWorkspace } from "./workspace.ts";

// What other people's registries keep of an upload that breaks off, and whether we go on from there.

const workspace = openWorkspace();
const started: RealRegistry[] = [];
let line: CutLine | undefined;
afterEach(() => line?.close());
afterAll(async () => {
  for (const registry of started) await registry[Symbol.asyncDispose]();
  workspace[Symbol.dispose]();
});

const LARGE = randomBytes(40 * 1024 * 1024);
const LAYER = { mediaType: MEDIA_TYPE.ociLayerGzip, digest: digestOf(LARGE), size: LARGE.byteLength };
// A second for a registry to see that its client is gone.
const ctx = testCtx({ clock: { now: () => Date.now(), jitter: () => 0, sleep: () => sleep(1000) } });
const source = createMemoryRepository("source.test/app");
beforeAll(() => source.writeBlob(ctx, LAYER, LARGE));

describe("an upload that breaks off", () => {
  it.each(REGISTRY_KINDS)("goes on, or begins anew, with %s", { timeout: 60_000 }, async (kind) => {
    const registry = await startRealRegistry(workspace, kind);
    started.push(registry);
    line = await startCutLine(Number(registry.host.split(":")[1]));
    line.set({ way: "up", afterBytes: 20_000_000, how: "close", times: 1 });
    await copyBlob(ctx, openRoute(source, openTestClient()(`${line.host}/app`, "write")), LAYER);
    const { cuts, up } = line.seen();
    expect(cuts).toBe(1);
    // distribution 2.8 signs how much it had when it answered last, and takes nothing where that has changed since.
    expect(up < LAYER.size + 5_000_000).toBe(kind !== "docker-registry");
    const read = openTestClient()(`${registry.host}/app`).readBlob(ctx, LAYER);
    expect((await readAll(read, LAYER.size, "layer")).equals(LARGE)).toBe(true);
  });
});
