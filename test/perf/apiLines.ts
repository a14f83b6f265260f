import { fail } from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startControlPlane } from "../interop/controlPlane.ts";
import type { ControlPlane } from "../interop/controlPlane.ts";
import { callApi, waitForState } from "../interop/controlPlaneApi.ts";
import { peer } from "../interop/peers.ts";
import { startPostgres } from "../interop/postgresServer.ts";
import { startRealRegistry } from "../interop/realRegistry.ts";
import { succeed } from "../interop/run.ts";
import { resolvePushed } from "../interop/tinyImage.ts";
import { waybillDone } from "../interop/waybill.ts";
import type { Workspace } from "../interop/workspace.ts";
import { fillPostgres } from "./fillPostgres.ts";
import { fillStore } from "./fillStore.ts";
import type { Line } from "./measure.ts";

const PAIRS = 5;
const REQUESTS = 10_000;
const WARM_UP = 5000;
const CONNECTIONS = 64;
const BUILDS = 100_000;
const PAGES = 400;
const ALL_REQUESTS = 500_000;
const MEMORY_MIB = 250;
const PAGE_MS = 20;
const IMAGE = "apk-alpine";
const BUILD = "/v1/apps/my-app/builds/build-abc123";
const ENDPOINTS = [
  ["build", BUILD],
  ["sbom", `${BUILD}/sbom`],
  ["badge", `${BUILD}/badge.json`],
] as const;

interface Load {
  readonly perSecond: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** Reading endpoints of the control plane against bare handlers of the same framework that answer the same bytes. */
export const measureApi = async (workspace: Workspace): Promise<readonly Line[]> => {
  await fillStore(workspace.path("measured"), BUILDS);
  await using registry = await startRealRegistry(workspace, "olareg");
  await waybillDone(["generate-key-pair", "--output-key-prefix", workspace.path("api")], { env: workspace.env });
  const rules = ["--repositories", `${registry.host}/**`, "--settle", "0s"];
  const args = ["--key", workspace.path("api.key"), ...rules];
  await using plane = await startControlPlane(workspace, { data: "measured", args });
  await issue(workspace, plane, `${registry.host}/builds/my-app`);
  await using bare = await startBare(workspace, plane);
  const lines: Line[] = [];
  for (const [name, path] of ENDPOINTS) lines.push(...(await measureEndpoint(plane, bare, name, path)));
  lines.push(await measurePages(plane, "SQLite"));
  lines.push(await measureMemory(plane));
  return [...lines, await measurePostgresPages(workspace)];
};

const measurePostgresPages = async (workspace: Workspace): Promise<Line> => {
  await using server = await startPostgres();
  await using plane = await startControlPlane(workspace, { data: "postgres", args: ["--store", server.url] });
  await fillPostgres(server, BUILDS);
  return await measurePages(plane, "PostgreSQL");
};

const issue = async (workspace: Workspace, plane: ControlPlane, name: string): Promise<void> => {
  const layout = `oci:${join(process.cwd(), "../shared/data/images/layout")}:${IMAGE}`;
  const copy = ["copy", "--quiet", "--dest-tls-verify=false", layout, `docker://${name}:1.0`];
  await succeed(peer("skopeo"), copy, { env: workspace.env });
  const { reference } = await resolvePushed(workspace, name, "1.0");
  await callApi(plane, "/v1/apps/my-app/builds", { build_id: "build-abc123", commit_sha: "deadbeef" });
  await callApi(plane, `${BUILD}/issue`, { image: reference });
  await waitForState(plane, "my-app/builds/build-abc123", ["done"], 30_000);
};

interface Bare extends AsyncDisposable {
  readonly url: string;
}

const startBare = async (workspace: Workspace, plane: ControlPlane): Promise<Bare> => {
  const answers = [];
  for (const [, path] of ENDPOINTS) {
    const { status, headers, text } = await callApi(plane, path);
    if (status !== 200) fail(`${path}: ${status} ${text}`);
    answers.push({ path, type: headers.get("content-type"), body: Buffer.from(text).toString("base64") });
  }
  const file = workspace.path("answers.json");
  writeFileSync(file, JSON.stringify(answers));
  const child = spawn(process.execPath, [join(import.meta.dirname, "bareApi.ts"), file], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.once("data", (chunk: Buffer) => resolve(/http:\S+/.exec(chunk.toString())?.[0] ?? ""));
    child.once("exit", () => reject(new Error("the bare server ended")));
  });
  return {
    url,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
};

const load = async (url: string, token: string, path: string, requests: number, connections: number): Promise<Load> => {
  const args = [join(import.meta.dirname, "loadApi.ts"), url, path, token, String(connections), String(requests)];
  return JSON.parse(await succeed(process.execPath, args, { timeoutMs: 600_000 })) as Load;
};

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

/** In turn, and who begins changes, so that whatever else the machine does hits both. */
const measureEndpoint = async (
  plane: ControlPlane,
  bare: Bare,
  name: string,
  path: string,
): Promise<readonly Line[]> => {
  const sides = [plane.url, bare.url] as const;
  for (const url of sides) await load(url, plane.token, path, WARM_UP, CONNECTIONS);
  const pairs: { readonly ours: Load; readonly theirs: Load }[] = [];
  for (let pair = 0; pair < PAIRS; pair++) {
    const order = pair % 2 === 0 ? sides : sides.toReversed();
    const loads = new Map<string | undefined, Load>();
    for (const url of order) loads.set(url, await load(url, plane.token, path, REQUESTS, CONNECTIONS));
    const [ours, theirs] = sides.map((url) => loads.get(url));
    if (ours !== undefined && theirs !== undefined) pairs.push({ ours, theirs });
  }
  const ours = median(pairs.map((pair) => pair.ours.perSecond));
  const theirs = median(pairs.map((pair) => pair.theirs.perSecond));
  const p50 = median(pairs.map((pair) => pair.ours.p50));
  const p99 = median(pairs.map((pair) => pair.ours.p99));
  return [
    {
      name: `GET ${name}, 1000 requests, against a bare Hono handler`,
      ours: 1e6 / ours,
      theirs: 1e6 / theirs,
      unit: "ms",
      kind: "faster",
      ratio: median(pairs.map((pair) => pair.ours.perSecond / pair.theirs.perSecond)),
      goal: 0.4,
      note: `${Math.round(ours)} and ${Math.round(theirs)} requests a second, ${CONNECTIONS} connections`,
    },
    {
      name: `GET ${name}, p99 against p50`,
      ours: p99,
      theirs: p50,
      unit: "ms",
      kind: "share",
      ratio: p99 / p50,
      goal: 10,
      note: `${CONNECTIONS} connections`,
    },
  ];
};

/** All pages of an app with many builds, one after the other. */
const measurePages = async (plane: ControlPlane, database: string): Promise<Line> => {
  const times: number[] = [];
  let after = "";
  for (let page = 0; page < PAGES; page++) {
    const begun = performance.now();
    const { status, text } = await callApi(plane, `/v1/apps/full/builds?limit=200${after}`);
    times.push(performance.now() - begun);
    const { items, next_page_token: next } = JSON.parse(text) as {
      readonly items: readonly unknown[];
      readonly next_page_token: string | null;
    };
    if (status !== 200 || items.length !== 200 || next === null) fail(`page ${page}: ${status} ${text.slice(0, 500)}`);
    after = `&page_token=${next}`;
  }
  const p95 = times.toSorted((a, b) => a - b)[Math.floor(PAGES * 0.95)] ?? 0;
  return {
    name: `a page of 200 of ${BUILDS} builds on ${database}, p95 against ${PAGE_MS} ms`,
    ours: p95,
    theirs: PAGE_MS,
    unit: "ms",
    kind: "share",
    ratio: p95 / PAGE_MS,
    goal: 1,
    note: `${PAGES} pages in a row, median ${median(times).toFixed(1)} ms`,
  };
};

const measureMemory = async (plane: ControlPlane): Promise<Line> => {
  const done = ENDPOINTS.length * (WARM_UP + PAIRS * REQUESTS);
  await load(plane.url, plane.token, BUILD, ALL_REQUESTS - done, CONNECTIONS);
  const status = readFileSync(`/proc/${plane.pid}/status`, "utf8");
  const resident = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
  return {
    name: `serve, resident memory after ${ALL_REQUESTS} requests against ${MEMORY_MIB} MiB`,
    ours: resident,
    theirs: MEMORY_MIB,
    unit: "MiB",
    kind: "share",
    ratio: resident / MEMORY_MIB,
    goal: 1,
    note: "VmRSS",
  };
};
