import { fail } from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startControlPlane } from "./controlPlane.ts";
import type { ControlPlane } from "./controlPlane.ts";
import { callApi } from "./controlPlaneApi.ts";
import type { Answered } from "./controlPlaneApi.ts";
import { pushSmallImages } from "./controlPlaneImages.ts";
import { COSIGN_WAYS, createEmptyRoot, openCosign } from "./cosign.ts";
import { openRawRepository } from "./rawRegistry.ts";
import { startRealRegistry } from "./realRegistry.ts";
import type { RealRegistry } from "./realRegistry.ts";
import { succeeded } from "./run.ts";
import type { PushedImage } from "./tinyImage.ts";
import { waybillDone } from "./waybill.ts";
import { openWorkspace } from "./workspace.ts";

// kill -9 at any moment loses nothing that was acknowledged and doubles no paper.

const BUILDS = 100;
const LIFE_MS = 1000;
const LIMIT_MS = 240_000;

const workspace = openWorkspace();
let registry: RealRegistry;

beforeAll(async () => {
  registry = await startRealRegistry(workspace, "embedded");
  await waybillDone(["generate-key-pair", "--output-key-prefix", workspace.path("service")], { env: workspace.env });
});

afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  workspace[Symbol.dispose]();
});

/** A control plane that is killed and started again, over and over, and whoever is there now. */
interface Mortal {
  readonly now: () => ControlPlane;
  readonly lives: () => number;
  /** The last one, which may live. */
  readonly stop: () => Promise<ControlPlane>;
}

interface Fate {
  readonly args: readonly string[];
  /** While nobody lives. */
  readonly whenDead: () => void;
  readonly whenBorn: (plane: ControlPlane) => Promise<void>;
}

const startMortal = async ({ args, whenDead, whenBorn }: Fate): Promise<Mortal> => {
  const start = (): Promise<ControlPlane> => startControlPlane(workspace, { data: "killed", args });
  let plane = await start();
  let lives = 1;
  let over = false;
  const live = async (): Promise<void> => {
    for (;;) {
      await sleep(LIFE_MS);
      if (over) return;
      await plane.kill();
      whenDead();
      plane = await start();
      lives++;
      await whenBorn(plane);
    }
  };
  const living = live();
  living.catch(() => undefined);
  return {
    now: () => plane,
    lives: () => lives,
    stop: async () => {
      over = true;
      await living;
      return plane;
    },
  };
};

/**
 * Lets the leases of the dead run out. It takes a minute each time, which would be most of what the test does; that nobody
 * takes a job before, and somebody does then, is for the worker's own tests.
 */
const expireLeases = (): void => {
  const database = new DatabaseSync(workspace.path("killed", "waybill.db"));
  database.exec("update jobs set lease_until = 0, due_at = 0 where state = 'leased'");
  database.close();
};

/** Asks until somebody lives to answer; a request whose answer was cut off is sent again. */
const insist = async (mortal: Mortal, path: string, body?: unknown): Promise<Answered> => {
  const deadline = Date.now() + LIMIT_MS;
  while (Date.now() < deadline) {
    const answer = await callApi(mortal.now(), path, body).catch(() => undefined);
    if (answer !== undefined) return answer;
    await sleep(20);
  }
  return fail(`nobody answers ${path}`);
};

const buildPath = (index: number): string => `/v1/apps/mortal/builds/build-${index}`;

it("issues one set of papers each for 100 builds, killed every second", { timeout: LIMIT_MS + 60_000 }, async () => {
  const images = await pushSmallImages(`${registry.host}/builds/mortal`, BUILDS);
  const rules = ["--repositories", `${registry.host}/builds/**`, "--settle", "0s", "--workers", "3", "--jobs", "1"];
  const acknowledged = new Map<string, string>();
  let leasesOnly = false;
  const mortal = await startMortal({
    args: ["--key", workspace.path("service.key"), ...rules],
    whenDead: () => {
      if (leasesOnly) expireLeases();
    },
    whenBorn: async (plane) => {
      for (const [build, operation] of acknowledged) {
        const { status, text } = await callApi(plane, `/v1/operations/${operation}`);
        expect([status, JSON.parse(text)]).toMatchObject([200, { build_id: build }]);
      }
    },
  });

  for (const [index, { reference }] of images.entries()) {
    const build = `build-${index}`;
    const registered = await insist(mortal, "/v1/apps/mortal/builds", { build_id: build, commit_sha: `c${index}` });
    expect(registered.status === 200 || registered.status === 201).toBe(true);
    const issue = await insist(mortal, `${buildPath(index)}/issue`, { image: reference });
    expect(issue.status).toBe(202);
    acknowledged.set(build, (JSON.parse(issue.text) as { readonly id: string }).id);
  }
  await waitForAll(mortal, () => void (leasesOnly = true));
  const plane = await mortal.stop();
  expect(mortal.lives()).toBeGreaterThan(5);

  await expectWhole(plane, images);
  expect(await plane.stop()).toBe(0);
  await waybillDone(["store", "check", "--data", workspace.path("killed")], { env: workspace.env });
  await verifyAll(images);
});

/** Waits until all builds are done; tells when the rest waits for nothing but leases. */
const waitForAll = async (mortal: Mortal, tellRest: () => void): Promise<void> => {
  const deadline = Date.now() + LIMIT_MS;
  let states: readonly string[] = [];
  while (Date.now() < deadline) {
    const { text } = await insist(mortal, "/v1/apps/mortal/builds?limit=200");
    const page = JSON.parse(text) as { readonly items: readonly { readonly state: string }[] };
    states = page.items.map(({ state }) => state);
    if (states.includes("failed")) break;
    if (states.filter((state) => state === "done").length === BUILDS) return;
    if (states.length === BUILDS && !states.includes("pending")) tellRest();
    await sleep(200);
  }
  fail(`not all of ${BUILDS} are done: ${states.join(" ")}\n${mortal.now().said()}`);
};

/** One signature, one SBOM, one provenance for each image, as `.sig` and `.att` tags and as bundles, and in the records. */
const expectWhole = async (plane: ControlPlane, images: readonly PushedImage[]): Promise<void> => {
  const [first] = images;
  const repository = openRawRepository(first?.name ?? "");
  for (const [index, { digest }] of images.entries()) {
    const tag = digest.replace(":", "-");
    const layersOf = async (suffix: string): Promise<number> => {
      const manifest = await repository.readManifest(`${tag}.${suffix}`);
      const { layers } = JSON.parse(Buffer.from(manifest?.bytes ?? "").toString()) as { readonly layers: unknown[] };
      return layers.length;
    };
    const referrers = await repository.listReferrers(digest);
    const counts = { sig: await layersOf("sig"), att: await layersOf("att"), bundles: referrers.length };
    expect({ digest, ...counts }).toEqual({ digest, sig: 1, att: 2, bundles: 3 });
    const { text } = await callApi(plane, `${buildPath(index)}/verifications`);
    const { items } = JSON.parse(text) as { readonly items: readonly { readonly predicate_type: string }[] };
    expect(items.map((item) => item.predicate_type).toSorted()).toEqual([
      "https://cyclonedx.org/bom",
      "https://sigstore.dev/cosign/sign/v1",
      "https://slsa.dev/provenance/v1",
    ]);
  }
};

const verifyAll = async (images: readonly PushedImage[]): Promise<void> => {
  const key = workspace.path("service.pub");
  const input = images.map(({ reference }) => `${reference}\n`).join("");
  const options = { env: workspace.env, input };
  await waybillDone(["verify", "--quiet", "--key", key, "-"], options);
  for (const type of ["cyclonedx", "slsaprovenance1"])
    await waybillDone(["verify-attestation", "--quiet", "--key", key, "--type", type, "-"], options);
  const emptyRoot = workspace.path("empty-root.json");
  await createEmptyRoot(workspace, emptyRoot);
  for (const way of COSIGN_WAYS) {
    const cosign = openCosign(workspace, way, emptyRoot);
    succeeded(await cosign.verify({ key, reference: images.at(-1)?.reference ?? "" }));
  }
};
