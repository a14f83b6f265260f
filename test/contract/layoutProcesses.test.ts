import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { isDigest } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { parseManifest } from "#core/manifest.ts";
import { readAll } from "#core/verifiedBytes.ts";
import { openLayout } from "#registry/layout/openLayout.ts";
import { testCtx } from "../fakes/testCtx.ts";

const root = mkdtempSync(join(tmpdir(), "waybill-processes-"));
afterAll(() => rmSync(root, { recursive: true }));
const ctx = testCtx();
const WRITER = fileURLToPath(import.meta.resolve("./layoutWriter.ts"));

/** Runs a writer; kills it once it has acknowledged `killAfter` papers. The digests it acknowledged. */
const runWriter = (path: string, name: string, count: number, killAfter = Infinity): Promise<readonly Digest[]> =>
  new Promise((resolve, reject) => {
    const writer = spawn(process.execPath, [WRITER, path, name, String(count)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let printed = "";
    writer.stdout.on("data", (chunk: Buffer) => {
      printed += chunk.toString();
      if (printed.split("\n").length > killAfter) writer.kill("SIGKILL");
    });
    writer.on("error", reject);
    writer.on("close", (code) => {
      const lines = printed.split("\n").filter((line) => isDigest(line));
      if (code === 0 || killAfter !== Infinity) resolve(lines);
      else reject(new TypeError(`the writer ended with ${code}`));
    });
  });

/** Reads everything that is listed, and every blob that it names. */
const readWhole = async (path: string): Promise<readonly Digest[]> => {
  const layout = await openLayout(ctx, { path, create: false });
  const tags = await layout.listTags(ctx);
  const digests: Digest[] = [];
  for (const tag of tags) {
    const raw = await layout.readManifest(ctx, tag);
    if (raw === undefined) continue;
    const manifest = parseManifest(raw);
    const blobs = manifest.kind === "image" ? [manifest.config, ...manifest.layers] : [];
    for (const blob of blobs) await readAll(layout.readBlob(ctx, blob), 10_000, "blob");
    const listed = await layout.listReferrers(ctx, manifest.subject?.digest ?? raw.digest);
    if (listed.some((one) => one.digest === raw.digest)) digests.push(raw.digest);
  }
  return digests;
};

describe("a layout that several processes write", () => {
  it("loses nothing", async () => {
    const path = join(root, "parallel");
    const acknowledged = await Promise.all(["a", "b", "c", "d"].map((name) => runWriter(path, name, 15)));
    expect((await readWhole(path)).toSorted()).toEqual(acknowledged.flat().toSorted());
    expect(acknowledged.flat()).toHaveLength(60);
    expect(readdirSync(path).toSorted()).toEqual([".waybill-lock", "blobs", "index.json", "oci-layout"]);
  }, 60_000);

  it("holds what was acknowledged when its writer is killed, and takes the next one", async () => {
    const path = join(root, "killed");
    for (const [round, killAfter] of [3, 7, 12].entries()) {
      const acknowledged = await runWriter(path, `round-${round}`, 1000, killAfter);
      expect(acknowledged.length).toBeGreaterThanOrEqual(killAfter);
      expect(await readWhole(path)).toEqual(expect.arrayContaining([...acknowledged]));
    }
    expect(await runWriter(path, "last", 2)).toHaveLength(2);
  }, 60_000);
});
