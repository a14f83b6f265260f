import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Ctx } from "#core/ctx.ts";
import { keyFileExists, writeKeyPair } from "#host/keyFiles.ts";

const ctx: Ctx = {
  signal: new AbortController().signal,
  log: () => undefined,
  emit: () => undefined,
  clock: { now: () => 0, sleep: async () => undefined, jitter: () => 0 },
};

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "keys-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const path = (name: string): string => join(folder, name);
const pair = (text: string) => ({
  private: { path: path("k.key"), text: `private ${text}` },
  public: { path: path("k.pub"), text: `public ${text}` },
});
const mode = (name: string): number => statSync(path(name)).mode & 0o777;
const content = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(folder).map((name) => [name, statSync(path(name)).isFile() ? readFileSync(path(name), "utf8") : "/"]),
  );

describe("key files", () => {
  it("are written with their modes, and nothing else is left", async () => {
    await writeKeyPair(ctx, pair("1"), false);
    expect(content()).toEqual({ "k.key": "private 1", "k.pub": "public 1" });
    expect(mode("k.key")).toBe(0o600);
    expect(mode("k.pub")).toBe(0o644 & ~process.umask());
  });

  it.each(["k.key", "k.pub"])("refuse to replace %s, and then neither is written", async (taken) => {
    writeFileSync(path(taken), "old");
    await expect(writeKeyPair(ctx, pair("1"), false)).rejects.toMatchObject({ code: "USAGE_INVALID" });
    expect(content()).toEqual({ [taken]: "old" });
  });

  it("replace both when told to, a readable private file included", async () => {
    writeFileSync(path("k.key"), "old", { mode: 0o644 });
    writeFileSync(path("k.pub"), "old");
    await writeKeyPair(ctx, pair("2"), true);
    expect(content()).toEqual({ "k.key": "private 2", "k.pub": "public 2" });
    expect(mode("k.key")).toBe(0o600);
  });

  it.each([
    ["k.pub", { "k.key": "old", "k.pub": "/" }],
    ["k.key", { "k.key": "/" }],
  ])("put the old private key back when %s cannot be replaced", async (folderName, after) => {
    if (folderName === "k.pub") writeFileSync(path("k.key"), "old");
    mkdirSync(path(folderName));
    await expect(writeKeyPair(ctx, pair("2"), true)).rejects.toMatchObject({ code: "STORE_FAILED" });
    expect(content()).toEqual(after);
  });

  it("do not follow a symbolic link out of the folder", async () => {
    const target = path("target");
    writeFileSync(target, "precious");
    symlinkSync(target, path("k.key"));
    symlinkSync(path("nowhere"), path("k.pub"));
    expect(await keyFileExists(ctx, path("k.pub"))).toBe(true);
    await expect(writeKeyPair(ctx, pair("1"), false)).rejects.toMatchObject({ code: "USAGE_INVALID" });
    await writeKeyPair(ctx, pair("1"), true);
    expect(content()).toEqual({ "k.key": "private 1", "k.pub": "public 1", target: "precious" });
  });

  it("say that the folder is missing", async () => {
    const lost = { ...pair("1"), private: { path: path("no/k.key"), text: "x" } };
    await expect(writeKeyPair(ctx, lost, false)).rejects.toMatchObject({
      code: "STORE_FAILED",
      message: `${path("no/k.key")} cannot be written (ENOENT)`,
    });
    expect(await keyFileExists(ctx, path("no/k.key"))).toBe(false);
  });

  it("are not written after an interruption", async () => {
    const aborted = { ...ctx, signal: AbortSignal.abort() };
    await expect(writeKeyPair(aborted, pair("1"), true)).rejects.toMatchObject({ name: "AbortError" });
    expect(content()).toEqual({});
  });
});
