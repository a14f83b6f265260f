import { execFileSync } from "node:child_process";
import { createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { afterAll, describe, expect, it } from "vitest";
import { writeTar } from "#archive/writeTar.ts";
import type { Ctx } from "#core/ctx.ts";
import { collectQuickstartFiles } from "#host/quickstartFiles.ts";

const ctx: Ctx = {
  signal: new AbortController().signal,
  log: () => undefined,
  emit: () => undefined,
  clock: { now: () => 0, sleep: async () => undefined, jitter: () => 0 },
};
// Nothing of this machine but where chroot may be.
const BARE = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" };
const folder = mkdtempSync(join(tmpdir(), "quickstart-"));
afterAll(() => rmSync(folder, { recursive: true }));

const collected = await collectQuickstartFiles(ctx, process.cwd());

/** Runs Node out of the unpacked layers: in its own root where we may, else under the unpacked loader. */
const runNode = (root: string, ...args: readonly string[]): string => {
  if (process.getuid?.() === 0)
    return execFileSync("chroot", [root, "/usr/local/bin/node", ...args], { encoding: "utf8", env: BARE });
  const paths = collected.layers.flatMap((layer) => layer.entries.map((entry) => `${root}/${entry.path}`));
  const loader = paths.find((path) => /\/ld-(?:linux|musl)[^/]*$/.test(path)) ?? "";
  const libraries = [...new Set(paths.filter((path) => path.includes(".so")).map((path) => join(path, "..")))];
  return execFileSync(loader, ["--library-path", libraries.join(":"), `${root}/usr/local/bin/node`, ...args], {
    encoding: "utf8",
    env: BARE,
  });
};

describe.runIf(process.platform === "linux")("collectQuickstartFiles", () => {
  it("collects a root file system in which Node runs without anything of this machine", async () => {
    for (const layer of collected.layers) {
      await pipeline(writeTar(layer.entries), createWriteStream(`${folder}/layer.tar`));
      execFileSync("tar", ["-xf", `${folder}/layer.tar`, "-C", folder]);
      rmSync(`${folder}/layer.tar`);
    }
    expect(runNode(folder, "--version").trim()).toBe(process.version);
  }, 60_000);

  it("names the distribution, and says nothing is missing", () => {
    const paths = collected.layers.flatMap((layer) => layer.entries.map((entry) => entry.path));
    expect(paths).toContain("etc/os-release");
    expect(paths).toContain("app/package.json");
    expect(paths.some((path) => path.startsWith("app/node_modules/commander/"))).toBe(true);
    expect(paths.some((path) => path.includes("node_modules/vitest/"))).toBe(false);
    expect(collected.notes).toEqual([]);
  });

  it("tells a container engine how to start it", () => {
    expect(collected.settings.entrypoint).toEqual(["/usr/local/bin/node", "/app/bin/waybill.js"]);
    expect(collected.settings.created).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(collected.platform.os).toBe("linux");
  });
});
