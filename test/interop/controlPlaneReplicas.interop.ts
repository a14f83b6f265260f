import { connect, createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startControlPlane } from "./controlPlane.ts";
import type { ControlPlane } from "./controlPlane.ts";
import { callApi, waitForState } from "./controlPlaneApi.ts";
import { pushSmallImages } from "./controlPlaneImages.ts";
import { startPostgres } from "./postgresServer.ts";
import type { PostgresServer } from "./postgresServer.ts";
import { openRawRepository } from "./rawRegistry.ts";
import { startRealRegistry } from "./realRegistry.ts";
import type { RealRegistry } from "./realRegistry.ts";
import { waybillDone } from "./waybill.ts";
import { openWorkspace } from "./workspace.ts";

// Several processes over one PostgreSQL: what one leaves behind, another takes up, and nothing is made twice.

const LEASE_MS = 15_000;
// One look of an idle worker, and what a busy machine takes.
const SLACK_MS = 10_000;

const workspace = openWorkspace();
let registry: RealRegistry;
let database: PostgresServer;
let planes: readonly ControlPlane[];
const gate = { open: true };
let front: ReturnType<typeof createServer>;
let host: string;

beforeAll(async () => {
  [registry, database] = await Promise.all([startRealRegistry(workspace, "embedded"), startPostgres()]);
  await waybillDone(["generate-key-pair", "--output-key-prefix", workspace.path("service")], { env: workspace.env });
  const target = new URL(`http://${registry.host}`);
  // A registry that keeps its clients waiting while the gate is shut.
  front = createServer((client) => {
    client.on("error", () => undefined);
    void (async () => {
      while (!gate.open && !client.destroyed) await sleep(50);
      const server = connect(Number(target.port), target.hostname);
      server.on("error", () => client.destroy());
      client.on("close", () => server.destroy());
      client.pipe(server).pipe(client);
    })();
  });
  await new Promise<void>((resolve) => void front.listen(0, "127.0.0.1", resolve));
  host = `127.0.0.1:${(front.address() as AddressInfo).port}`;
  planes = await Promise.all(["one", "two", "three"].map(startPlane));
});

afterAll(async () => {
  for (const plane of planes) await plane[Symbol.asyncDispose]();
  front.close();
  await registry[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
  workspace[Symbol.dispose]();
});

const startPlane = (data: string): Promise<ControlPlane> =>
  startControlPlane(workspace, {
    data,
    args: ["--key", workspace.path("service.key"), "--settle", "0s", "--repositories", `${host}/builds/**`],
    env: { WAYBILL_STORE: database.url },
  });

const auditOf = async (plane: ControlPlane, token: string): Promise<readonly Record<string, string>[]> =>
  (
    JSON.parse((await callApi({ url: plane.url, token }, "/v1/audit?limit=200")).text) as {
      items: Record<string, string>[];
    }
  ).items;

it("makes one first token and notes the key once, however many start at once", async () => {
  const tokens = planes.map(({ token }) => token).filter((token) => token !== "");
  expect(tokens).toHaveLength(1);
  for (const { url } of planes) expect((await callApi({ url, token: tokens[0] ?? "" }, "/v1/apps")).status).toBe(200);
  const [plane] = planes;
  const audit = plane === undefined ? [] : await auditOf(plane, tokens[0] ?? "");
  expect(audit.map(({ action }) => action).toSorted((a, b) => ((a ?? "") < (b ?? "") ? -1 : 1))).toEqual([
    "key.load",
    "token.create",
  ]);
});

it.each([
  ["killed", "SIGKILL"],
  ["stopped", "SIGSTOP"],
] as const)("gives the job of a %s process to another within its lease", { timeout: 120_000 }, async (name, signal) => {
  const token = planes.map((plane) => plane.token).join("");
  const [image] = await pushSmallImages(`${registry.host}/builds/${name}`, 1);
  const path = `${name}/builds/build-1`;
  const living = planes.filter(({ pid }) => !dead.has(pid));
  const [asked] = living;
  if (asked === undefined || image === undefined) throw new RangeError("nobody is left");
  const caller = { url: asked.url, token };
  await callApi(caller, `/v1/apps/${name}/builds`, { build_id: "build-1" });
  gate.open = false;
  const issue = await callApi(caller, `/v1/apps/${path}/issue`, {
    image: `${host}/builds/${name}@${image.digest}`,
  });
  expect(issue.status).toBe(202);
  await waitForState(caller, path, ["running"], 10_000);
  const jobs = JSON.parse((await callApi(caller, "/v1/jobs?state=leased")).text) as { items: { owner: string }[] };
  const owner = Number(jobs.items[0]?.owner.split("-")[0]);
  const other = living.find(({ pid }) => pid !== owner);
  if (other === undefined) throw new RangeError("the owner is none of these");
  process.kill(owner, signal);
  if (signal === "SIGKILL") dead.add(owner);
  gate.open = true;
  const begun = performance.now();
  const rest = { url: other.url, token };
  expect(await waitForState(rest, path, ["done"], LEASE_MS + SLACK_MS)).toBe("done");
  // Nobody may take it before: a lease was renewed at most a third of its length ago.
  expect(performance.now() - begun).toBeGreaterThan(LEASE_MS / 2);
  if (signal === "SIGSTOP") {
    process.kill(owner, "SIGCONT");
    // It finds its lease gone, and may have begun to write.
    await sleep(5000);
  }
  const ends = (await auditOf(other, token)).filter(
    ({ action, object }) => action === "issue.done" && object === `apps/${path}`,
  );
  expect(ends).toHaveLength(1);
  const repository = openRawRepository(`${registry.host}/builds/${name}`);
  expect(await repository.listReferrers(image.digest)).toHaveLength(3);
  const check = ["store", "check", "--data", workspace.path("one"), "--store", database.url];
  await waybillDone(check, { env: workspace.env });
});

const dead = new Set<number>();
