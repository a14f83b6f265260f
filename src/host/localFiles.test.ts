import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, describe, expect, it } from "vitest";
import type { Ctx } from "#core/ctx.ts";
import { readLocalFile } from "#host/readLocalFile.ts";
import { writeLocalFile } from "#host/writeLocalFile.ts";

const folder = mkdtempSync(join(tmpdir(), "files-"));
afterAll(() => rmSync(folder, { recursive: true }));

const ctx: Ctx = {
  signal: new AbortController().signal,
  log: () => undefined,
  emit: () => undefined,
  clock: { now: () => 0, sleep: async () => undefined, jitter: () => 0 },
};
const limit = { cap: 10, what: "the predicate" };

describe("readLocalFile", () => {
  it("reads a file up to the cap, and not a byte more", async () => {
    writeFileSync(join(folder, "ten"), "0123456789");
    writeFileSync(join(folder, "eleven"), "0123456789a");
    expect((await readLocalFile(ctx, join(folder, "ten"), limit)).toString()).toBe("0123456789");
    await expect(readLocalFile(ctx, join(folder, "eleven"), limit)).rejects.toMatchObject({ code: "LIMIT_EXCEEDED" });
  });

  it("caps what has no size, such as a device", async () => {
    await expect(readLocalFile(ctx, "/dev/zero", limit)).rejects.toMatchObject({ code: "LIMIT_EXCEEDED" });
  });

  it("says what is wrong with which file", async () => {
    const absent = join(folder, "absent");
    await expect(readLocalFile(ctx, absent, limit)).rejects.toMatchObject({
      code: "NOT_FOUND",
      message: `the predicate: there is no file ${absent}`,
    });
    await expect(readLocalFile(ctx, folder, limit)).rejects.toMatchObject({
      code: "INPUT_INVALID",
      message: `the predicate: ${folder} is a directory`,
    });
    await expect(readLocalFile(ctx, join(folder, "ten", "x"), limit)).rejects.toMatchObject({ code: "INPUT_INVALID" });
  });

  it("stops when it is aborted", async () => {
    const aborted = { ...ctx, signal: AbortSignal.abort() };
    await expect(readLocalFile(aborted, join(folder, "ten"), limit)).rejects.toMatchObject({ name: "AbortError" });
  });
});

describe("writeLocalFile", () => {
  it("replaces a file and leaves nothing else behind", async () => {
    const home = join(folder, "out");
    mkdirSync(home);
    await writeLocalFile(ctx, join(home, "sbom.json"), Buffer.from("one"));
    await writeLocalFile(ctx, join(home, "sbom.json"), Buffer.from("two"));
    expect(readFileSync(join(home, "sbom.json"), "utf8")).toBe("two");
    expect(readdirSync(home)).toEqual(["sbom.json"]);
  });

  it("writes into a pipe", async () => {
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    const reader = spawn("cat", [pipe]);
    const written = text(reader.stdout);
    await writeLocalFile(ctx, pipe, Buffer.from("through"));
    expect(await written).toBe("through");
  });

  it("fails with the path in the message", async () => {
    const path = join(folder, "no-folder", "x");
    await expect(writeLocalFile(ctx, path, Buffer.from("x"))).rejects.toMatchObject({
      code: "STORE_FAILED",
      message: `${path} cannot be written (ENOENT)`,
    });
  });
});
