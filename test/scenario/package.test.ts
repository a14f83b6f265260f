import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findOldNode } from "../launcher/oldNode.ts";

interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly exit: number;
}

const run = (
  program: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Ended> =>
  new Promise((resolve) => {
    execFile(program, args, { cwd, env }, (error, stdout, stderr) => {
      resolve({ stdout, stderr, exit: error === null ? 0 : Number(error.code ?? 255) });
    });
  });

const npm = async (args: readonly string[], cwd: string): Promise<Ended> => {
  const ended = await run("npm", args, cwd);
  assert.equal(ended.exit, 0, ended.stderr);
  return ended;
};

const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
const folder = realpathSync(mkdtempSync(join(tmpdir(), "waybill-package-")));
const installed = join(folder, "node_modules/waybill");
const command = join(folder, "node_modules/.bin/waybill");
// As a user's machine has it: no checkout around, and the Node meant first on the PATH.
const environment = (node: string): NodeJS.ProcessEnv => ({ HOME: folder, PATH: `${dirname(node)}:/usr/bin:/bin` });
const old = findOldNode();

describe("the package", () => {
  beforeAll(async () => {
    // Without scripts: prepack would build again, under the feet of the other tests.
    const packed = await npm(["pack", "--ignore-scripts", "--silent", "--pack-destination", folder], process.cwd());
    const archive = join(folder, packed.stdout.trim());
    await npm(["install", "--offline", "--no-audit", "--no-fund", "--prefix", folder, archive], folder);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("installs nothing besides itself", () => {
    const entries = readdirSync(join(folder, "node_modules")).filter((name) => !name.startsWith("."));
    expect(entries).toEqual(["waybill"]);
    expect(existsSync(join(installed, "node_modules"))).toBe(false);
  });

  it("brings the program with its papers, and neither sources nor tests", () => {
    expect(readdirSync(installed).toSorted()).toEqual(
      ["LICENSE", "bin", "dist", "package.json"].concat(readme()).toSorted(),
    );
    expect(readdirSync(join(installed, "dist"))).toEqual(
      expect.arrayContaining(["main.js", "sbom.cdx.json", "licenses.txt"]),
    );
  });

  it("runs under this Node", async () => {
    const env = environment(process.execPath);
    expect(await run(command, ["--version"], folder, env)).toEqual({
      stdout: `waybill ${version}\n`,
      stderr: "",
      exit: 0,
    });
    const { stdout, exit } = await run(command, ["version", "-o", "json"], folder, env);
    expect([JSON.parse(stdout), exit]).toMatchObject([{ version, node: process.versions.node }, 0]);
  });

  it.skipIf(old === undefined)("says what to do under an old Node", async () => {
    const { stdout, stderr, exit } = await run(old ?? "", [command, "--version"], folder, environment(old ?? ""));
    expect([stdout, exit]).toEqual(["", 2]);
    expect(stderr.split("\n")).toEqual([
      expect.stringMatching(/^error: USAGE_INVALID this is Node \d+\.\d+\.\d+; Waybill needs Node 24\.15 or newer$/),
      expect.stringContaining("npx -p node@24 -p waybill waybill"),
      "",
    ]);
  });
});

// npm always packs a README where there is one.
const readme = (): readonly string[] => (existsSync("README.md") ? ["README.md"] : []);
