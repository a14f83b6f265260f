import { gzipSync, zstdCompressSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { inflate } from "#archive/inflate.ts";
import { digestOf } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import { openLayerPool } from "#main/layerPool.ts";
import { CATALOGERS } from "#sbom/catalogers.ts";
import { packScan } from "#sbom/packScan.ts";
import { scanLayer } from "#sbom/scanLayer.ts";
import type { LayerJob } from "#sbom/scanLayer.ts";
import { LARGE_FILE } from "#sbom/largeFiles.ts";
import type { LayerScan } from "#sbom/layerScan.ts";
import { SCAN_LIMITS } from "#sbom/scanLimits.ts";
import { codeOfPromise } from "../../test/fakes/codeOfPromise.ts";
import { tarArchive } from "../../test/fakes/tarBytes.ts";
import { testCtx } from "../../test/fakes/testCtx.ts";

const pool = openLayerPool(2);
afterAll(() => pool.close());

async function* cut(bytes: Uint8Array, step = 64 * 1024): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step);
}

// Larger than all buffers of a thread together, and with evidence large and small.
const plain = tarArchive(
  ...Array.from({ length: 40 }, (_, at) => ({
    name: `app/node_modules/p${at}/package.json`,
    body: JSON.stringify({ name: `p${at}`, version: `1.0.${at}` }),
  })),
  { name: "var/lib/dpkg/status", body: "Package: a\nVersion: 1\nStatus: install ok installed\n\n".repeat(4000) },
  { name: "usr/share/filler", body: Buffer.alloc(4 << 20, "waybill ").toString() },
);
const job: LayerJob = { what: "layer", size: plain.length, diffId: digestOf(plain), limits: SCAN_LIMITS };
const scan = (packed: Uint8Array, other: Partial<LayerJob> = {}, step?: number): Promise<LayerScan> =>
  pool.scanLayer(testCtx(), cut(packed, step), { ...job, ...other }, () => undefined);
const here = (packed: Uint8Array): Promise<LayerScan> =>
  scanLayer(CATALOGERS, inflate)(testCtx(), cut(packed), job, () => undefined);

/** The same for the same facts, wherever in memory they are. */
const fingerprint = (found: LayerScan): string => digestOf(Buffer.concat(packScan(found)));

describe("openLayerPool", () => {
  it("reads many layers over few threads, each as the calling thread would", async () => {
    const packed = [plain, gzipSync(plain), zstdCompressSync(plain), Buffer.concat([gzipSync(plain), gzipSync("")])];
    const found = await Promise.all([...packed, ...packed].map((bytes) => scan(bytes)));
    const expected = await here(plain);
    expect(expected.captures.length).toBeGreaterThan(40);
    expect(new Set(found.map(fingerprint))).toEqual(new Set([fingerprint(expected)]));
  });

  it("passes codes on and works on afterwards", async () => {
    expect(await codeOfPromise(scan(gzipSync(plain).subarray(0, -9)))).toBe("IMAGE_REFUSED");
    expect(await codeOfPromise(scan(gzipSync(tarArchive({ name: "other", body: "" }))))).toBe("DIGEST_MISMATCH");
    const bomb = { ...SCAN_LIMITS, inflate: { ...SCAN_LIMITS.inflate, maxBytes: 1 << 20 } };
    expect(await codeOfPromise(scan(gzipSync(plain), { limits: bomb }, 999))).toBe("LIMIT_EXCEEDED");
    expect((await scan(gzipSync(plain))).usage.entries).toBe(42);
  });

  it("ends a layer that takes more than is left to the image", async () => {
    const over = (): never => {
      throw new WaybillError("LIMIT_EXCEEDED", "the image is too large");
    };
    expect(await codeOfPromise(pool.scanLayer(testCtx(), cut(gzipSync(plain)), job, over))).toBe("LIMIT_EXCEEDED");
  });

  it("passes the source's own error on", async () => {
    const source = async function* (): AsyncGenerator<Uint8Array> {
      yield gzipSync(plain).subarray(0, 1000);
      throw new WaybillError("SIZE_SHORT", "cut");
    };
    expect(await codeOfPromise(pool.scanLayer(testCtx(), source(), job, () => undefined))).toBe("SIZE_SHORT");
    expect((await scan(gzipSync(plain))).usage.entries).toBe(42);
  });

  it("reads many layers with large files on one thread, none waiting for itself", async () => {
    const one = openLayerPool(1);
    const layer = tarArchive({ name: "app/large.jar", body: "x".repeat(LARGE_FILE + 1) });
    const large: LayerJob = { ...job, size: layer.length, diffId: digestOf(layer) };
    const read = () => one.scanLayer(testCtx(), cut(layer, 1 << 20), large, () => undefined);
    const found = await Promise.all([read(), read(), read()]).finally(() => one.close());
    expect(found.map(({ usage }) => usage.entries)).toEqual([1, 1, 1]);
  });

  it("stops when it is told to", async () => {
    const stop = new AbortController();
    const slow = async function* (): AsyncGenerator<Uint8Array> {
      yield gzipSync(plain).subarray(0, 1000);
      stop.abort();
      yield gzipSync(plain).subarray(1000);
    };
    const stopped = pool.scanLayer(testCtx({ signal: stop.signal }), slow(), job, () => undefined);
    await expect(stopped).rejects.toThrow("aborted");
    expect((await scan(gzipSync(plain))).usage.entries).toBe(42);
  });

  it("fails what is under way when it is closed", async () => {
    const other = openLayerPool(1);
    const silent = async function* (): AsyncGenerator<Uint8Array> {
      yield gzipSync(plain).subarray(0, 1000);
      await other.close();
      await new Promise(() => undefined);
    };
    expect(await codeOfPromise(other.scanLayer(testCtx(), silent(), job, () => undefined))).toBe("ABORTED");
  });
});
