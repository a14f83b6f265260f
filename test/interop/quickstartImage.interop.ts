import { spawn } from "node:child_process";
import type { ChildProcessByStdio } from "node:child_process";
import { mkdirSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { peer } from "./peers.ts";
import { run, succeed, succeeded } from "./run.ts";
import { WAYBILL_ENV, waybillCommand } from "./waybill.ts";
import { openWorkspace } from "./workspace.ts";

// The image that the quickstart builds is no prop: other tools read it, and the program in it runs in a root of its own.

const workspace = openWorkspace();
const REPOSITORY = "quickstart/app";
let tour: ChildProcessByStdio<null, Readable, null> | undefined;
let reference = "";

beforeAll(async () => {
  const [program, args] = waybillCommand(["quickstart", "--keep"]);
  const env = { PATH: process.env["PATH"], ...workspace.env, ...WAYBILL_ENV };
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"], env });
  tour = child;
  // It goes on after its last line; until then the tags move about.
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /listening on http:\/\/(\S+),/.exec(line)?.[1];
    if (url !== undefined) reference = `${url}/${REPOSITORY}:1.0`;
    if (line.includes("--insecure-ignore-tlog=true")) break;
  }
  child.stdout.resume();
}, 120_000);

afterAll(async () => {
  if (tour?.exitCode === null) {
    const ended = new Promise((resolve) => tour?.once("exit", resolve));
    tour.kill("SIGTERM");
    await ended;
  }
  workspace[Symbol.dispose]();
});

describe("the quickstart's image", () => {
  it("is understood by skopeo and crane", async () => {
    const { env } = workspace;
    const skopeo = ["inspect", "--tls-verify=false", `docker://${reference}`];
    const inspected = JSON.parse(await succeed(peer("skopeo"), skopeo, { env })) as object;
    expect(inspected).toMatchObject({ Os: process.platform, Labels: { "org.opencontainers.image.title": "waybill" } });
    expect(succeeded(await run(peer("crane"), ["validate", "--remote", reference], { env })).stdout).toContain("PASS");
  });

  it("runs: its own root holds all that the program needs", { timeout: 120_000 }, async () => {
    const { env } = workspace;
    const root = workspace.path("root");
    mkdirSync(root);
    await succeed(peer("crane"), ["export", reference, workspace.path("root.tar")], { env });
    await succeed("tar", ["-xf", workspace.path("root.tar"), "-C", root]);
    const own = ["/usr/local/bin/node", "/app/bin/waybill.js"];
    // Whoever is not root becomes it in a namespace of their own.
    const enter = process.getuid?.() === 0 ? ["chroot", root] : ["unshare", "--map-root-user", "chroot", root];
    const inside = (...args: readonly string[]) =>
      run("env", ["-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", ...enter, ...own, ...args]);
    expect(succeeded(await inside("--version")).stdout).toMatch(/^waybill \d+\.\d+\.\d+/);
    expect(succeeded(await inside("sign", "--help")).stdout).toContain("waybill sign");
  });
});
