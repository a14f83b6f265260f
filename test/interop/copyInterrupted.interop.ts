import { spawn } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { digestOf } from "#core/digest.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { startFaultRegistry } from "../fakes/faultRegistry.ts";
import type { FaultRegistry } from "../fakes/faultRegistry.ts";
import type { Outcome } from "./run.ts";
import { waybill, waybillDone } from "./waybill.ts";
import { openWorkspace } from "./workspace.ts";

// A pull that is stopped in its last layer: what had come is not fetched again, and nothing half-written stays.

const PROGRAM = join(import.meta.dirname, "../../dist/main.js");
const workspace = openWorkspace();
const { env } = workspace;
const LAYERS = ["first", "second", "last"].map((words) => Buffer.alloc(2_000_000, words));
const ROOTFS = { type: "layers", diff_ids: LAYERS.map((bytes) => digestOf(bytes)) };
const CONFIG = Buffer.from(JSON.stringify({ architecture: "amd64", os: "linux", rootfs: ROOTFS }));
const WHOLE = [CONFIG, ...LAYERS.slice(0, -1)].map((bytes) => digestOf(bytes));
const LAST = digestOf(LAYERS.at(-1) ?? "");
let registry: FaultRegistry;

const describeBlob = (bytes: Buffer, mediaType: string) => ({ mediaType, digest: digestOf(bytes), size: bytes.length });

beforeAll(async () => {
  registry = await startFaultRegistry();
  for (const bytes of [CONFIG, ...LAYERS]) registry.blobs.set(`app@${digestOf(bytes)}`, bytes);
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MEDIA_TYPE.ociManifest,
      config: describeBlob(CONFIG, MEDIA_TYPE.ociConfig),
      layers: LAYERS.map((bytes) => describeBlob(bytes, "application/vnd.oci.image.layer.v1.tar")),
    }),
  );
  registry.manifests.set(`app@${digestOf(manifest)}`, { type: MEDIA_TYPE.ociManifest, bytes: manifest });
  registry.tags.set("app:1.0", digestOf(manifest));
});
afterAll(async () => {
  await registry.close();
  workspace[Symbol.dispose]();
});

const fetches = (digest: string): number => registry.requests.filter(({ url }) => url.endsWith(digest)).length;

const isLast = (url: string | undefined): boolean => url?.endsWith(LAST) === true;

/** Half of the last layer, and no more; resolves once the rest has been delivered and the program waits. */
const stall = (): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>();
  registry.fault = (request, response) => {
    if (!isLast(request.url)) return false;
    response.writeHead(200, { "content-length": LAYERS.at(-1)?.length ?? 0 });
    response.write(LAYERS.at(-1)?.subarray(0, 1_000_000));
    void waitFor(() => WHOLE.every((digest) => fetches(digest) > 0)).then(resolve);
    return true;
  };
  return promise;
};

const waitFor = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
  // Long enough for what was delivered to be written.
  await new Promise((resolve) => setTimeout(resolve, 500));
};

const interrupted = async (args: readonly string[], signal: "SIGINT" | "SIGTERM"): Promise<Outcome> => {
  const stalled = stall();
  const child = spawn(process.execPath, [PROGRAM, ...args], { env: { PATH: process.env["PATH"], ...env } });
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<number>((resolve) => child.once("close", (code) => resolve(code ?? 255)));
  await stalled;
  child.kill(signal);
  return { command: args.join(" "), code: await ended, stdout: "", stderr };
};

const folder = (name: string): string => {
  mkdirSync(workspace.path(name));
  return workspace.path(name);
};

/** Everything below a directory that no name shows. */
const filesOf = (place: string): readonly string[] => readdirSync(place, { recursive: true }).map(String).toSorted();

const finish = async (args: readonly string[]): Promise<void> => {
  registry.fault = () => false;
  registry.requests.length = 0;
  await waybillDone(args, { env });
  expect(WHOLE.map(fetches)).toEqual(WHOLE.map(() => 0));
  expect(fetches(LAST)).toBe(1);
};

const blobNames = (prefix: string): readonly string[] =>
  WHOLE.map((digest) => `${prefix}blobs/${digest.replace(":", "/")}`).toSorted();

describe("a pull that is stopped", () => {
  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("by %s leaves beside an archive what had come whole", async (signal, code) => {
    const place = folder(`archive-${signal}`);
    const args = ["copy", "--progress", "none", `${registry.host}/app:1.0`, `oci:${place}/app.tar`];
    const outcome = await interrupted(args, signal);
    expect(outcome.code).toBe(code);
    expect(outcome.stderr).toBe(
      `warning: what was fetched for ${place}/app.tar stays in ${place}/.app.tar.waybill (4.0 MB): the next run goes on from there\n` +
        `error: ABORTED interrupted by ${signal}\nhint: Run the command again; it completes what is missing.\n`,
    );
    expect(filesOf(place).filter((name) => /sha256\/./.test(name))).toEqual(blobNames(".app.tar.waybill/"));
    expect(readdirSync(place)).toEqual([".app.tar.waybill"]);
    await finish(args);
    expect(filesOf(place)).toEqual(["app.tar"]);
  });

  it("leaves in a directory what had come whole, under no tag", async () => {
    const place = folder("directory");
    const args = ["save", "--progress", "none", "--dir", `${place}/app`, `${registry.host}/app:1.0`];
    expect((await interrupted(args, "SIGINT")).code).toBe(130);
    expect(filesOf(`${place}/app`).filter((name) => /sha256\/./.test(name))).toEqual(blobNames(""));
    expect((await waybill(["show", `oci:${place}/app:1.0`], { env })).code).toBe(4);
    await finish(args);
    await waybillDone(["show", `oci:${place}/app:1.0`], { env });
  });

  it("by a registry that fails leaves an archive that was there as it was", async () => {
    const place = folder("failing");
    const args = ["copy", "--progress", "none", `${registry.host}/app:1.0`, `oci:${place}/app.tar`];
    registry.fault = (request, response) => {
      if (!isLast(request.url)) return false;
      response.writeHead(403).end("{}");
      return true;
    };
    const outcome = await waybill(args, { env });
    expect(outcome.code).toBe(5);
    expect(outcome.stderr).toContain(`stays in ${place}/.app.tar.waybill (4.0 MB)`);
    expect(readdirSync(place)).toEqual([".app.tar.waybill"]);
    await finish(args);
    expect(filesOf(place)).toEqual(["app.tar"]);
  });
});
