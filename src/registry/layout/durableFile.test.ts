import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { makeDurableDirectory, sweepTemporaries, writeDurably } from "#registry/layout/durableFile.ts";

const root = mkdtempSync(join(tmpdir(), "waybill-durable-"));
afterAll(() => rmSync(root, { recursive: true }));

describe("durable files", () => {
  it("are whole or as they were before", async () => {
    const path = join(root, "file");
    await writeDurably(path, Buffer.from("first"));
    const failing = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from("sec");
      throw new RangeError("the source failed");
    };
    await expect(writeDurably(path, failing())).rejects.toThrow("the source failed");
    expect([readFileSync(path, "utf8"), readdirSync(root)]).toEqual(["first", ["file"]]);
    await expect(writeDurably(join(root, "absent", "file"), Buffer.alloc(1))).rejects.toMatchObject({
      code: "STORE_FAILED",
    });
  });

  it("fail where a directory takes no new ones", async () => {
    await expect(makeDurableDirectory("/proc/nowhere/below")).rejects.toMatchObject({ code: "STORE_FAILED" });
    writeFileSync(join(root, "taken"), "");
    await expect(makeDurableDirectory(join(root, "taken", "below"))).rejects.toMatchObject({ code: "STORE_FAILED" });
    rmSync(join(root, "taken"));
  });

  it("leave behind, when their writer is killed, only what the next day removes", async () => {
    const directory = join(root, "a", "b", "c");
    await makeDurableDirectory(directory);
    await makeDurableDirectory(directory);
    const old = new Date(Date.now() - 2 * 24 * 3_600_000);
    const left = `.${"0123456789abcdef0123"}.${"0".repeat(18)}.tmp`;
    for (const name of [left, left.replace(".0", ".1"), "0123.tmp", ".keep"]) writeFileSync(join(directory, name), "");
    for (const name of [left, "0123.tmp", ".keep"]) utimesSync(join(directory, name), old, old);
    mkdirSync(join(directory, "d"));
    await sweepTemporaries(directory);
    expect(readdirSync(directory).toSorted()).toEqual([
      ".1123456789abcdef0123.000000000000000000.tmp",
      ".keep",
      "0123.tmp",
      "d",
    ]);
  });
});
