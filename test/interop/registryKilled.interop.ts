import { createHash, randomBytes } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, it } from "vitest";
import { startEmbeddedRegistry } from "./embeddedRegistry.ts";
import type { EmbeddedRegistry } from "./embeddedRegistry.ts";
import { sha256 } from "./rawRegistry.ts";
import { openWorkspace } from "./workspace.ts";

// The serving process is killed (SIGKILL) fifty times while eight clients push as fast as they can. Whatever was answered
// with 201 must be there afterwards, and nothing may be there that is not what its name says.

const KILLS = 50;
const CLIENTS = 8;
const LIFE_MS = 250;
const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
// A client that gives a restarting registry less time than this loses more than we can.
const READY_MS = 15_000;

const workspace = openWorkspace();
const dir = workspace.path("registry");

afterAll(() => workspace[Symbol.dispose]());

/** What a 201 was seen for. */
interface Acknowledged {
  readonly blobs: Map<string, Buffer>;
  readonly manifests: Map<string, Buffer>;
  readonly tags: Map<string, TagFacts>;
}

/** What a tag may name: what was acknowledged last, and what was sent since and never answered. */
interface TagFacts {
  readonly sure: string | undefined;
  readonly maybe: readonly string[];
}

/** Pushes until told to stop; a request that dies with the registry is given up, and nothing is known of it. */
const pushForEver = async (
  name: string,
  base: () => string,
  seen: Acknowledged,
  isOver: () => boolean,
): Promise<void> => {
  const repository = `crash/${name}`;
  for (let count = 0; !isOver(); count++) {
    try {
      await pushImage(`${base()}/v2/${repository}`, `${name}-${count % 5}`, repository, seen);
    } catch {
      await sleep(5);
    }
  }
};

const pushImage = async (url: string, tag: string, repository: string, seen: Acknowledged): Promise<void> => {
  const layer = randomBytes(1000 + Math.floor(Math.random() * 300_000));
  const config = Buffer.from(JSON.stringify({ of: randomBytes(8).toString("hex") }));
  for (const blob of [layer, config]) {
    const digest = sha256(blob);
    const status =
      blob === layer
        ? await pushInChunks(url, blob)
        : await send("POST", `${url}/blobs/uploads/?digest=${digest}`, blob);
    if (status !== 201) return;
    seen.blobs.set(`${repository}@${digest}`, blob);
  }
  const describe = (mediaType: string, bytes: Buffer) => ({ mediaType, digest: sha256(bytes), size: bytes.length });
  const body = {
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: describe("x/config", config),
    layers: [describe("x/layer", layer)],
  };
  const manifest = Buffer.from(JSON.stringify(body));
  const [key, digest] = [`${repository}:${tag}`, sha256(manifest)];
  // From here on the tag may name it, whether we hear of it or not.
  const before = seen.tags.get(key) ?? { sure: undefined, maybe: [] };
  seen.tags.set(key, { ...before, maybe: [...before.maybe, digest] });
  if ((await send("PUT", `${url}/manifests/${tag}`, manifest, MANIFEST)) !== 201) return;
  seen.tags.set(key, { sure: digest, maybe: [] });
  seen.manifests.set(`${repository}@${digest}`, manifest);
};

const pushInChunks = async (url: string, blob: Buffer): Promise<number> => {
  const begun = await fetch(`${url}/blobs/uploads/`, { method: "POST" });
  await begun.arrayBuffer();
  const place = new URL(begun.headers.get("location") ?? "", url);
  const half = blob.length >> 1;
  if ((await send("PATCH", place.href, blob.subarray(0, half))) !== 202) return 0;
  place.searchParams.set("digest", sha256(blob));
  return send("PUT", place.href, blob.subarray(half));
};

const send = async (method: string, url: string, body: Buffer, type = "application/octet-stream"): Promise<number> => {
  const answer = await fetch(url, { method, body: new Uint8Array(body), headers: { "content-type": type } });
  await answer.arrayBuffer();
  return answer.status;
};

const read = async (url: string): Promise<Buffer | number> => {
  const answer = await fetch(url, { headers: { accept: MANIFEST } });
  const bytes = Buffer.from(await answer.arrayBuffer());
  return answer.status === 200 ? bytes : answer.status;
};

const findFreePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });

/** Files among the blobs whose bytes are not those of their name. */
const findHalfWritten = (): readonly string[] =>
  readdirSync(dir, { recursive: true, encoding: "utf8" }).filter((path) => {
    const [, hex] = /blobs\/sha256\/([0-9a-f]{64})$/.exec(path) ?? [];
    if (hex === undefined) return false;
    return (
      createHash("sha256")
        .update(readFileSync(join(dir, path)))
        .digest("hex") !== hex
    );
  });

it("loses nothing acknowledged when it is killed fifty times", { timeout: 400_000 }, async () => {
  const port = await findFreePort();
  const seen: Acknowledged = { blobs: new Map(), manifests: new Map(), tags: new Map() };
  let registry: EmbeddedRegistry = await startEmbeddedRegistry(workspace, { dir, port });
  let over = false;
  const clients = Array.from({ length: CLIENTS }, (_, index) =>
    pushForEver(
      `client${index}`,
      () => registry.url,
      seen,
      () => over,
    ),
  );
  const restarts: number[] = [];
  for (let kill = 0; kill < KILLS; kill++) {
    await sleep(LIFE_MS * (0.5 + Math.random()));
    await registry.kill();
    const begun = performance.now();
    registry = await startEmbeddedRegistry(workspace, { dir, port });
    expect((await fetch(`${registry.url}/v2/`)).status).toBe(200);
    restarts.push(performance.now() - begun);
  }
  over = true;
  await Promise.all(clients);

  expect(Math.max(...restarts)).toBeLessThan(READY_MS);
  expect(seen.manifests.size).toBeGreaterThan(KILLS);
  const lost: string[] = [];
  for (const [kind, found] of [
    ["blobs", seen.blobs],
    ["manifests", seen.manifests],
  ] as const) {
    for (const [key, bytes] of found) {
      const [repository, digest] = key.split("@");
      const got = await read(`${registry.url}/v2/${repository}/${kind}/${digest}`);
      if (typeof got === "number" || !got.equals(bytes))
        lost.push(`${kind} ${key}: ${typeof got === "number" ? got : "other bytes"}`);
    }
  }
  for (const [key, { sure, maybe }] of seen.tags) {
    const [repository, tag] = key.split(":");
    const got = await read(`${registry.url}/v2/${repository}/manifests/${tag}`);
    const names = typeof got === "number" ? undefined : sha256(got);
    if (names !== sure && (names === undefined || !maybe.includes(names))) lost.push(`tag ${key}: ${names}`);
  }
  expect(lost).toEqual([]);
  expect(findHalfWritten()).toEqual([]);
  expect(readdirSync(join(dir, ".waybill", "uploads"))).toEqual([]);
  expect(await registry.stop()).toBe(0);
});
