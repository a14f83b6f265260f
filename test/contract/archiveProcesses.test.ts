import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { digestOf } from "#core/digest.ts";
import { openArchive } from "#registry/archive/openArchive.ts";
import { testCtx } from "../fakes/testCtx.ts";
import { runWriter } from "./runWriter.ts";
import type { WriterLimits, WriterOutcome } from "./runWriter.ts";

const root = mkdtempSync(join(tmpdir(), "waybill-archives-"));
afterAll(() => rmSync(root, { recursive: true }));
const ctx = testCtx();

const folder = (name: string): string => {
  mkdirSync(join(root, name));
  return join(root, name);
};

const write = (path: string, tag: string, limits: WriterLimits = {}): Promise<WriterOutcome> =>
  runWriter(import.meta.resolve("./archiveWriter.ts"), [path, tag], limits);

const killOnceWritten = (path: string, tag: string): Promise<WriterOutcome> =>
  runWriter(import.meta.resolve("./archiveWriter.ts"), [path, tag, "hang"], { killAfter: 1 });

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
    const ended = await Promise.all(["a", "b", "c", "d"].map((tag) => write(path, tag)));
    expect(ended.map(({ code, stderr }) => `${code} ${stderr}`)).toEqual(["0 ", "0 ", "0 ", "0 "]);
    expect(await tagsOf(path)).toEqual(["a", "b", "c", "d"]);
    expect(readdirSync(place)).toEqual(["images.tar"]);
  }, 60_000);

  it("is as it was when its writer is killed; the next one takes what was written already, and nothing else", async () => {
    const place = folder("killed");
    const path = join(place, "images.tar");
    await write(path, "first");
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
    // Blobs alone are no reason to write the archive anew; they wait for who lists them.
    expect(await tagsOf(path)).toEqual(["first"]);
    expect(readdirSync(place)).toEqual([".images.tar.waybill", "images.tar"]);
    expect(await write(path, "second")).toEqual({ code: 0, lines: [], stderr: "" });
    expect(await tagsOf(path)).toEqual(["first", "second"]);
    expect(readdirSync(place)).toEqual(["images.tar"]);
  }, 60_000);

  it("is as it was when there is no space for the new one", async () => {
    const place = folder("full");
    const path = join(place, "images.tar");
    await write(path, "first");
    const before = readFileSync(path);
    // Enough for each blob, too little for the archive of all; then too little for a blob.
    for (const fileKiB of [3000, 100]) {
      const { code, stderr } = await write(path, "second", { fileKiB });
      expect(code).not.toBe(0);
      expect(stderr).toContain("STORE_FAILED");
      expect(readFileSync(path).equals(before)).toBe(true);
      expect(readdirSync(place)).toEqual(["images.tar"]);
    }
    expect(await tagsOf(path)).toEqual(["first"]);
  }, 60_000);
});
