import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { tracePath } from "#host/tracePath.ts";

const root = `${mkdtempSync(join(tmpdir(), "trace-"))}/`;
mkdirSync(`${root}usr/lib/deep`, { recursive: true });
symlinkSync("usr/lib", `${root}lib`);
writeFileSync(`${root}usr/lib/deep/libx.so.1.2`, "ELF", { mode: 0o755 });
symlinkSync("libx.so.1.2", `${root}usr/lib/deep/libx.so.1`);
symlinkSync("/lib/deep/libx.so.1", `${root}usr/lib/absolute`);
symlinkSync("../../../../lib/deep/libx.so.1", `${root}usr/lib/upwards`);
symlinkSync("loop", `${root}loop`);
afterAll(() => rmSync(root, { recursive: true }));

const traced = async (path: string): Promise<readonly string[]> =>
  (await tracePath(path, root)).map((entry) =>
    "linkTarget" in entry ? `${entry.path} -> ${entry.linkTarget}` : `${entry.path} ${entry.mode.toString(8)}`,
  );

describe("tracePath", () => {
  it("brings every link on the way and the file at its real place", async () => {
    expect(await traced("/lib/deep/libx.so.1")).toEqual([
      "lib -> usr/lib",
      "usr/lib/deep/libx.so.1 -> libx.so.1.2",
      "usr/lib/deep/libx.so.1.2 755",
    ]);
  });

  it("follows absolute links from the root, and stays below it", async () => {
    const rest = ["lib -> usr/lib", "usr/lib/deep/libx.so.1 -> libx.so.1.2", "usr/lib/deep/libx.so.1.2 755"];
    expect(await traced("/usr/lib/absolute")).toEqual(["usr/lib/absolute -> /lib/deep/libx.so.1", ...rest]);
    expect(await traced("/usr/lib/upwards")).toEqual(["usr/lib/upwards -> ../../../../lib/deep/libx.so.1", ...rest]);
  });

  it("finds nothing where nothing or no file is", async () => {
    expect(await traced("/lib/none")).toEqual([]);
    expect(await traced("/usr/lib")).toEqual([]);
    expect(await traced("/usr/lib/deep/libx.so.1/below")).toEqual([]);
  });

  it("refuses links that go round in circles", async () => {
    await expect(traced("/loop")).rejects.toMatchObject({ code: "INPUT_INVALID" });
  });
});
