import { readdirSync, renameSync, writeFileSync } from "node:fs";
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { readPublicGoodSeed } from "#sigstore/publicGoodSeed.ts";
import { startForwardProxy } from "../fakes/forwardProxy.ts";
import { KEYS, newKey, rootPlan, tufFiles } from "../fakes/tufBench.ts";
import { startTufServer } from "../fakes/tufServer.ts";
import type { TufServer } from "../fakes/tufServer.ts";
import { peer } from "./peers.ts";
import { succeed } from "./run.ts";
import { waybill, waybillDone } from "./waybill.ts";
import { openWorkspace } from "./workspace.ts";

// A TUF mirror of one's own with many processes at once, with proxies, with cosign beside it; and who does not ask it at all.

const PROCESSES = 20;
const CHECKOUT = join(import.meta.dirname, "../..");
const TRUSTED_ROOT = Buffer.from(readPublicGoodSeed().trustedRoot).toString();
const NEWER_ROOT = `${TRUSTED_ROOT}\n`;
// What any verification with an identity runs first.
const OPEN = `
  const { openTrustRoots } = await import("#main/openTrustRoots.ts");
  const { systemClock } = await import("#main/clock.ts");
  const emit = (event) => { if (event.kind === "warning") throw new Error(event.message); };
  const ctx = { signal: new AbortController().signal, log: () => {}, emit, clock: systemClock };
  const offline = process.argv[1] === "true";
  const roots = await openTrustRoots(ctx, { trustedRoots: [], offline, maxRootAge: undefined });
  process.stdout.write(roots.map(({ source, logs }) => source + " " + logs.length).join());
`;

const workspace = openWorkspace();
let server: TufServer;
let env: Readonly<Record<string, string>>;
let count = 0;

const serve = (timestamp: number, trustedRoot: string): ReadonlyMap<string, Uint8Array> =>
  new Map([
    ...tufFiles({
      targets: { "trusted_root.json": trustedRoot },
      versions: { timestamp, snapshot: timestamp, targets: timestamp },
    }),
    ["1.root.json", FIRST_ROOT],
  ]);
const FIRST_ROOT = tufFiles().get("1.root.json") ?? Buffer.alloc(0);

beforeEach(async () => {
  server = await startTufServer(serve(1, TRUSTED_ROOT));
  writeFileSync(workspace.path("root.json"), FIRST_ROOT);
  const cache = workspace.path(`cache-${count++}`);
  env = { ...workspace.env, TUF_MIRROR: server.mirror, TUF_ROOT_JSON: workspace.path("root.json"), TUF_ROOT: cache };
});
afterEach(() => server.close());
afterAll(() => workspace[Symbol.dispose]());

const start = (...args: readonly string[]): ChildProcess =>
  spawn(process.execPath, ["--input-type=module", "-e", OPEN, ...args], {
    cwd: CHECKOUT,
    env: { ...env },
    stdio: "pipe",
  });

/** What it printed, or what it failed with. */
const outcome = (child: ChildProcess): Promise<string> =>
  new Promise((resolve) => {
    let said = "";
    child.stdout?.on("data", (chunk: Buffer) => (said += chunk.toString()));
    child.stderr?.on("data", (chunk: Buffer) => (said += chunk.toString()));
    child.on("close", (code, signal) => resolve(code === 0 ? said : `${signal ?? code}: ${said}`));
  });

const many = (...args: readonly string[]): readonly ChildProcess[] =>
  Array.from({ length: PROCESSES }, () => start(...args));

const kept = (): readonly string[] => {
  const root = env["TUF_ROOT"] ?? "";
  const [directory = ""] = readdirSync(root);
  return readdirSync(join(root, directory)).map((name) => join(root, directory, name));
};

describe("twenty processes at once", () => {
  it("fill an empty cache, read a warm one without a request, and agree offline", async () => {
    expect(await outcome(start("true"))).toContain("nothing is kept");
    const good = Array.from({ length: PROCESSES }, () => `${server.mirror} 2`);
    expect(await Promise.all(many("false").map(outcome))).toEqual(good);
    expect(server.asked.length).toBeLessThanOrEqual(5 * PROCESSES);
    server.asked.length = 0;
    expect(await Promise.all(many("false").map(outcome))).toEqual(good);
    expect(await outcome(start("true"))).toBe(good[0]);
    expect(server.asked).toEqual([]);
    expect(kept().filter((path) => path.includes("target-"))).toHaveLength(1);
  });

  it("go on when some are killed while a newer version comes, and nothing falls back", async () => {
    expect(await outcome(start("false"))).toBe(`${server.mirror} 2`);
    forgetWhen();
    server.files = serve(2, NEWER_ROOT);
    const children = many("false");
    const doomed = children.filter((_, at) => at % 4 === 0);
    server.onRequest = () => void doomed.pop()?.kill("SIGKILL");
    const outcomes = await Promise.all(children.map(outcome));
    const survivors = outcomes.filter((one) => !one.startsWith("SIGKILL"));
    expect(new Set(survivors)).toEqual(new Set([`${server.mirror} 2`]));
    expect(survivors.length).toBeGreaterThanOrEqual((PROCESSES * 3) / 4);

    server.onRequest = () => {};
    expect(await outcome(start("true"))).toBe(`${server.mirror} 2`);
    forgetWhen();
    server.files = serve(1, TRUSTED_ROOT);
    expect(await outcome(start("false"))).toContain("was rolled back: it is version 1, and version 2 was here before");
  });
});

describe("the built program", () => {
  const chosen = () => ["initialize", "--mirror", server.mirror, "--root", workspace.path("root.json")];

  it("asks through the proxy, where there is one", async () => {
    const proxy = await startForwardProxy({ "tuf.example": Number(new URL(server.mirror).port) });
    const args = ["initialize", "--mirror", "http://tuf.example/tuf", "--root", workspace.path("root.json")];
    await waybillDone(args, { env: { ...env, HTTP_PROXY: `http://${proxy.host}` } });
    expect(proxy.seen.map(({ line }) => line)).toContain("GET http://tuf.example/tuf/timestamp.json");
    await proxy.close();
  });

  it("asks nobody about keys", async () => {
    const own = { env: { ...env, COSIGN_PASSWORD: "" }, cwd: workspace.path() };
    writeFileSync(workspace.path("data"), "data");
    await waybillDone(["generate-key-pair"], own);
    await waybillDone(["sign-blob", "--key", "cosign.key", "--bundle", "bundle.json", "data"], own);
    await waybillDone(["verify-blob", "--key", "cosign.pub", "--bundle", "bundle.json", "data"], own);
    expect(server.asked).toEqual([]);
  });

  it("ends within its time where a mirror never answers", async () => {
    server.silent = true;
    const { code, stderr } = await waybill([...chosen(), "--timeout", "2s"], { env });
    expect([code, stderr]).toEqual([6, expect.stringContaining("NETWORK_")]);
  });
});

describe("cosign beside it", () => {
  it("believes the same repository, over three roots, in the same TUF_ROOT", async () => {
    const [second, third] = [newKey("p256"), newKey()];
    const roots = [
      rootPlan(),
      rootPlan({ root: { keys: [KEYS.roots[1], KEYS.roots[2], second], threshold: 2 } }),
      rootPlan({ root: { keys: [KEYS.roots[2], second, third], threshold: 2 } }),
    ];
    server.files = tufFiles({ roots, targets: { "trusted_root.json": TRUSTED_ROOT } });
    writeFileSync(workspace.path("first.json"), server.files.get("1.root.json") ?? "");
    const args = ["initialize", "--mirror", server.mirror, "--root", workspace.path("first.json")];
    const own = { env: { ...workspace.env, TUF_ROOT: env["TUF_ROOT"] ?? "" } };
    expect((await waybillDone(args, own)).stderr).toContain("root version 3");
    await succeed(peer("cosign3"), args, own);
    expect((await waybillDone(args, own)).stderr).toContain("root version 3");
    const root = await succeed(peer("cosign3"), ["trusted-root", "create", "--with-default-services"], own);
    expect(root).toContain("rekor.sigstore.dev");
  });
});

/** Has what is kept look two hours older than it is. */
const forgetWhen = (): void => {
  for (const path of kept()) {
    const [, start = "", at = ""] = /^(.*generation-\d+-\d+-)(\d+)\.json$/.exec(path) ?? [];
    if (start !== "") renameSync(path, `${start}${Number(at) - 7_200_000}.json`);
  }
};
