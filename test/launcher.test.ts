import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { install } from "./launcher/launch.ts";
import type { Installation } from "./launcher/launch.ts";
import { findOldNode } from "./launcher/oldNode.ts";

// What stands for the program: tells what reached it, then does as it is told.
const PROGRAM = `
const [what, value] = process.argv.slice(2);
const told = { version: process.versions.node, args: process.argv.slice(2), guard: process.env.WAYBILL_LAUNCHED ?? "none" };
if (what === "wait") for (const name of ["SIGTERM", "SIGHUP", "SIGINT"]) process.on(name, () => { console.log(name); process.exit(7); });
console.log(JSON.stringify(told));
if (what === "exit") process.exitCode = Number(value);
if (what === "die") process.kill(process.pid, value);
if (what === "wait") setInterval(() => undefined, 1000);
`;

// Makes the Node that reads it, but none that it starts, believe that it is old.
const PRETEND = `Object.defineProperty(process.versions, "node", { value: "20.19.0" });`;
const asOld = (root: string) => ({ nodeArgs: ["--require", join(root, "pretend.cjs")] });
const HINT = /^hint: Install Node 24 from https:\/\/nodejs\.org, .* npx -p node@24 -p waybill waybill \.\.\.\n$/m;

let place: Installation | undefined;
const installed = (files: Readonly<Record<string, string>> = {}): Installation => {
  place = install({ "dist/main.js": PROGRAM, "pretend.cjs": PRETEND, ...files });
  return place;
};
afterEach(() => place?.remove());

const told = (stdout: string): Record<string, unknown> =>
  JSON.parse(stdout.split("\n")[0] ?? "") as Record<string, unknown>;

describe("the launcher under a Node that fits", () => {
  it("starts the program in its own process", async () => {
    const { launch } = installed();
    const { stdout, stderr, end } = await launch({ args: ["exit", "5"] }).ended;
    expect([stderr, end]).toEqual(["", 5]);
    expect(told(stdout)).toEqual({ version: process.versions.node, args: ["exit", "5"], guard: "none" });
  });

  it("starts the sources where they are, the build where it is asked to", async () => {
    const { launch } = installed({ "src/main/cli.ts": `const from: string = "sources"; console.log(from);` });
    expect((await launch().ended).stdout).toBe("sources\n");
    expect(told((await launch({ env: { WAYBILL_FROM: "dist" } }).ended).stdout)).toMatchObject({ args: [] });
  });

  it("says that there is no build", async () => {
    const { launch } = install({});
    const { stderr, end } = await launch().ended;
    expect(stderr).toMatch(/^error: CONFIG_INVALID .*main\.js is missing\nhint: Run npm run build\.\n$/);
    expect(end).toBe(2);
  });

  it("ends with 70, never with 1, when the program does not load", async () => {
    const { launch } = installed({ "dist/main.js": `import "./gone.js";` });
    const { stderr, end } = await launch().ended;
    expect(stderr).toContain("error: INTERNAL the program cannot be loaded: ");
    expect(end).toBe(70);
  });

  it("keeps compiled code only where nobody else can write", async () => {
    const { launch, root } = installed();
    const cache = join(root, "home/.cache/waybill/compiled");
    expect((await launch({ args: ["--version"] }).ended).stdout).toBe("waybill 1.2.3\n");
    expect(() => statSync(cache)).toThrow("ENOENT");
    await launch().ended;
    expect(statSync(cache).mode & 0o777).toBe(0o700);
    const open = join(root, "open");
    mkdirSync(join(open, "waybill/compiled"), { recursive: true, mode: 0o777 });
    const { end } = await launch({ env: { XDG_CACHE_HOME: open } }).ended;
    expect([end, statSync(join(open, "waybill/compiled")).nlink]).toEqual([0, 2]);
  });
});

describe("the launcher under an old Node", () => {
  it("says in two lines what it found, what it needs and how to get it", async () => {
    const { launch, root } = installed();
    const { stdout, stderr, end } = await launch(asOld(root)).ended;
    expect([stdout, end]).toEqual(["", 2]);
    expect(stderr.split("\n")[0]).toBe("error: USAGE_INVALID this is Node 20.19.0; Waybill needs Node 24.15 or newer");
    expect(stderr).toMatch(HINT);
    expect(stderr.split("\n")).toHaveLength(3);
  });

  it("tells a checkout to run npm ci", async () => {
    const { launch, root } = installed({ "src/main/cli.ts": "" });
    expect((await launch(asOld(root)).ended).stderr).toContain("hint: Run npm ci here");
  });

  it("hands over to WAYBILL_NODE, and to the checkout's own Node", async () => {
    const { launch, root } = installed({
      "node_modules/node/package.json": `{"name":"node","version":"24.0.0"}`,
      "node_modules/node/bin/node": `#!/bin/sh\necho own >&2\nexec "${process.execPath}" "$@"\n`,
    });
    const expected = { version: process.versions.node, args: ["exit", "9"], guard: "none" };
    const own = await launch({ ...asOld(root), args: ["exit", "9"] }).ended;
    expect([told(own.stdout), own.stderr, own.end]).toEqual([expected, "own\n", 9]);
    const env = { WAYBILL_NODE: process.execPath };
    const named = await launch({ ...asOld(root), args: ["exit", "9"], env }).ended;
    expect([told(named.stdout), named.stderr, named.end]).toEqual([expected, "", 9]);
  });

  it("does not hand over for ever", async () => {
    const { launch, root } = installed({
      "old.sh": `#!/bin/sh\nexec "${process.execPath}" --require "$(dirname "$0")/pretend.cjs" "$@"\n`,
    });
    const env = { WAYBILL_NODE: join(root, "old.sh") };
    const { stderr, end } = await launch({ ...asOld(root), env }).ended;
    expect([stderr.match(/USAGE_INVALID/g)?.length, end]).toEqual([1, 2]);
  });

  it("says that WAYBILL_NODE cannot be started", async () => {
    const { launch, root } = installed();
    const { stderr, end } = await launch({ ...asOld(root), env: { WAYBILL_NODE: "/nowhere/node" } }).ended;
    expect(stderr).toContain("cannot start /nowhere/node (ENOENT)");
    expect(end).toBe(2);
  });

  it.each(["SIGTERM", "SIGHUP"] as const)("passes %s on and ends as the program ends", async (signal) => {
    const { launch, root } = installed();
    const launched = launch({ ...asOld(root), args: ["wait"], env: { WAYBILL_NODE: process.execPath } });
    await launched.ready;
    process.kill(launched.pid, signal);
    const { stdout, end } = await launched.ended;
    expect([stdout.split("\n")[1], end]).toEqual([signal, 7]);
  });

  it("leaves Ctrl-C to the program, which the terminal tells itself", async () => {
    const { launch, root } = installed();
    const launched = launch({ ...asOld(root), args: ["wait"], env: { WAYBILL_NODE: process.execPath } });
    await launched.ready;
    process.kill(launched.pid, "SIGINT");
    process.kill(launched.pid, "SIGTERM");
    const { stdout, end } = await launched.ended;
    expect([stdout.split("\n").slice(1), end]).toEqual([["SIGTERM", ""], 7]);
  });

  it("dies of the signal that the program died of", async () => {
    const { launch, root } = installed();
    const env = { WAYBILL_NODE: process.execPath };
    expect((await launch({ ...asOld(root), args: ["die", "SIGKILL"], env }).ended).end).toBe("SIGKILL");
  });

  const old = findOldNode();
  it.skipIf(old === undefined)("holds under a really old one", async () => {
    const node = old ?? "";
    const { launch } = installed();
    const refused = await launch({ node }).ended;
    expect([refused.stdout, refused.end]).toEqual(["", 2]);
    expect(refused.stderr).toMatch(
      /^error: USAGE_INVALID this is Node \d+\.\d+\.\d+; Waybill needs Node 24\.15 or newer\n/,
    );
    expect(refused.stderr).toMatch(HINT);
    const env = { WAYBILL_NODE: process.execPath };
    const handed = await launch({ node, env, args: ["exit", "3"] }).ended;
    expect([told(handed.stdout)["version"], handed.end]).toEqual([process.versions.node, 3]);
    const looped = await launch({ node, env: { WAYBILL_NODE: node } }).ended;
    expect([looped.stderr.match(/USAGE_INVALID/g)?.length, looped.end]).toEqual([1, 2]);
  });
});
