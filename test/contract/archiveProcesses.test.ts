import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { digestOf } from "#core/digest.ts";
import { openArchive } from "#registry/archive/openArchive.ts";
import { testCtx } from "../fakes/testCtx.ts";

const root = mkdtempSync(join(tmpdir(), "waybill-archives-"));
afterAll(() => rmSync(root, { recursive: true }));
const ctx = testCtx();
const WRITER = fileURLToPath(import.meta.resolve("./archiveWriter.ts"));

const folder = (name: string): string => {
  mkdirSync(join(root, name));
  return join(root, name);
};

/** Runs a writer to its end; with `limitKiB` no file of its may grow beyond that, as on a full disk. */
const runWriter = (
  path: string,
  tag: string,
  limitKiB?: number,
): Promise<{ readonly code: number | null; readonly said: string }> =>
  new Promise((resolve, reject) => {
    const [program, args] =
      limitKiB === undefined
        ? [process.execPath, [WRITER, path, tag]]
        : ["bash", ["-c", `trap "" XFSZ; ulimit -f ${limitKiB}; exec "$0" "$@"`, process.execPath, WRITER, path, tag]];
    const writer = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    writer.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
    writer.on("error", reject);
    writer.on("close", (code) => resolve({ code, said }));
  });

const killOnceWritten = (path: string, tag: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const writer = spawn(process.execPath, [WRITER, path, tag, "hang"], { stdio: ["ignore", "pipe", "inherit"] });
    writer.stdout.on("data", () => writer.kill("SIGKILL"));
    writer.on("error", reject);
    writer.on("close", () => resolve());
  });

const tagsOf = async (path: string): Promise<readonly string[]> => {
  const archive = await openArchive(ctx, { path, create: false });
  const tags = await archive.repository.listTags(ctx);
  await archive.finish(ctx, "discard");
  return tags;
};

describe("an archive that several processes write", () => {
  it("loses nothing, and leaves nothing beside it", async () => {
    const place = folder("parallel");
    const path = join(place, "images.tar");
    const ended = await Promise.all(["a", "b", "c", "d"].map((tag) => runWriter(path, tag)));
    expect(ended.map(({ code, said }) => `${code} ${said}`)).toEqual(["0 ", "0 ", "0 ", "0 "]);
    expect(await tagsOf(path)).toEqual(["a", "b", "c", "d"]);
    expect(readdirSync(place)).toEqual(["images.tar"]);
  }, 60_000);

  it("is as it was when its writer is killed; the next one takes what was written already, and nothing else", async () => {
    const place = folder("killed");
    const path = join(place, "images.tar");
    await runWriter(path, "first");
    const before = readFileSync(path);
    await killOnceWritten(path, "second");
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(readdirSync(place).toSorted()).toEqual([".images.tar.waybill", ".images.tar.waybill-lock", "images.tar"]);
    const archive = await openArchive(ctx, { path, create: false });
    const { repository } = archive;
    const left = Buffer.alloc(2_000_000, "second");
    const [one, two] = [Buffer.from("one"), digestOf(left)];
    await repository.writeBlob(ctx, { digest: digestOf(one), size: one.length }, one);
    expect(await repository.hasBlob(ctx, two)).toBe(true);
    await archive.finish(ctx, "save");
    expect(await tagsOf(path)).toEqual(["first"]);
    expect(readdirSync(place)).toEqual(["images.tar"]);
    expect(await runWriter(path, "second")).toEqual({ code: 0, said: "" });
    expect(await tagsOf(path)).toEqual(["first", "second"]);
  }, 60_000);

  it("is as it was when there is no space for the new one", async () => {
    const place = folder("full");
    const path = join(place, "images.tar");
    await runWriter(path, "first");
    const before = readFileSync(path);
    // Enough for each blob, too little for the archive of all; then too little for a blob.
    for (const limit of [3000, 100]) {
      const { code, said } = await runWriter(path, "second", limit);
      expect(code).not.toBe(0);
      expect(said).toContain("STORE_FAILED");
      expect(readFileSync(path).equals(before)).toBe(true);
      expect(readdirSync(place)).toContain("images.tar");
    }
    expect(await tagsOf(path)).toEqual(["first"]);
  }, 60_000);
});
