import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { isDigest } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { parseManifest } from "#core/manifest.ts";
import { readAll } from "#core/verifiedBytes.ts";
import { openLayout } from "#registry/layout/openLayout.ts";
import { testCtx } from "../fakes/testCtx.ts";
import { runWriter } from "./runWriter.ts";
import type { WriterLimits } from "./runWriter.ts";

const root = mkdtempSync(join(tmpdir(), "waybill-processes-"));
afterAll(() => rmSync(root, { recursive: true }));
const ctx = testCtx();

/** Runs a writer that must come to its end, or to its limit. The digests it acknowledged. */
const writePapers = async (
  path: string,
  name: string,
  count: number,
  limits: WriterLimits = {},
): Promise<readonly Digest[]> => {
  const { code, lines, stderr } = await runWriter(
    import.meta.resolve("./layoutWriter.ts"),
    [path, name, String(count)],
    limits,
  );
  if (code !== 0 && limits.killAfter === undefined) throw new TypeError(`the writer ended with ${code}: ${stderr}`);
  return lines.filter((line) => isDigest(line));
};

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
    const acknowledged = await Promise.all(["a", "b", "c", "d"].map((name) => writePapers(path, name, 15)));
    expect((await readWhole(path)).toSorted()).toEqual(acknowledged.flat().toSorted());
    expect(acknowledged.flat()).toHaveLength(60);
    expect(readdirSync(path).toSorted()).toEqual([".waybill-lock", "blobs", "index.json", "oci-layout"]);
  }, 60_000);

  it("holds what was acknowledged when its writer is killed, and takes the next one", async () => {
    const path = join(root, "killed");
    for (const [round, killAfter] of [3, 7, 12].entries()) {
      const acknowledged = await writePapers(path, `round-${round}`, 1000, { killAfter });
      expect(acknowledged.length).toBeGreaterThanOrEqual(killAfter);
      expect(await readWhole(path)).toEqual(expect.arrayContaining([...acknowledged]));
    }
    expect(await writePapers(path, "last", 2)).toHaveLength(2);
  }, 60_000);

  it("holds what was acknowledged when the disk is full, nothing half-written, and takes the next one", async () => {
    const path = join(root, "full");
    const { code, lines, stderr } = await runWriter(import.meta.resolve("./layoutWriter.ts"), [path, "many", "1000"], {
      fileKiB: 16,
    });
    expect(code).not.toBe(0);
    expect(stderr).toContain("STORE_FAILED");
    expect(lines.length).toBeGreaterThan(3);
    // A paper is listed before its writer hears of it, so the last one may be there unacknowledged.
    expect(await readWhole(path)).toEqual(expect.arrayContaining([...lines]));
    expect(readdirSync(path, { recursive: true }).filter((name) => String(name).endsWith(".tmp"))).toEqual([]);
    // No blob of this size fits.
    const large = await runWriter(import.meta.resolve("./layoutWriter.ts"), [path, "none", "1"], { fileKiB: 1 });
    expect(large.stderr).toContain("STORE_FAILED");
    expect(readdirSync(path, { recursive: true }).filter((name) => String(name).endsWith(".tmp"))).toEqual([]);
    expect(await writePapers(path, "last", 2)).toHaveLength(2);
    expect(await readWhole(path)).toEqual(expect.arrayContaining([...lines]));
  }, 60_000);
});
