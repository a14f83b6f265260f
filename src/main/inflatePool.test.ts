import { createHash, randomBytes } from "node:crypto";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { INFLATE_LIMITS } from "#archive/inflateLimits.ts";
import { digestOf } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import { openInflatePool } from "#main/inflatePool.ts";
import { codeOfPromise } from "../../test/fakes/codeOfPromise.ts";
import { testCtx } from "../../test/fakes/testCtx.ts";

const pool = openInflatePool(2);
afterAll(() => pool.close());

async function* cut(bytes: Uint8Array, step: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step);
}

// Larger than all buffers of a thread together.
const plain = Buffer.concat([randomBytes(1 << 20), Buffer.alloc(3 << 20, "waybill "), randomBytes(1000)]);
const job = { what: "layer", size: plain.length, diffId: digestOf(plain), limits: INFLATE_LIMITS };

const hash = async (chunks: AsyncIterable<Uint8Array>): Promise<string> => {
  const sum = createHash("sha256");
  for await (const chunk of chunks) sum.update(chunk);
  return `sha256:${sum.digest("hex")}`;
};

const inflate = (packed: Uint8Array, step = 64 * 1024) => hash(pool.inflate(testCtx(), cut(packed, step), job));

describe("openInflatePool", () => {
  it("inflates many streams over few threads, each to its own bytes", async () => {
    const packed = [plain, gzipSync(plain), zstdCompressSync(plain), Buffer.concat([gzipSync(plain), gzipSync("")])];
    const found = await Promise.all([...packed, ...packed].map((bytes) => inflate(bytes)));
    expect(new Set(found)).toEqual(new Set([job.diffId]));
  });

  it("passes codes on and works on afterwards", async () => {
    expect(await codeOfPromise(inflate(gzipSync(plain).subarray(0, -9)))).toBe("IMAGE_REFUSED");
    expect(await codeOfPromise(inflate(gzipSync("other")))).toBe("DIGEST_MISMATCH");
    const bomb = { ...job, limits: { ...INFLATE_LIMITS, maxBytes: 1 << 20 } };
    expect(await codeOfPromise(hash(pool.inflate(testCtx(), cut(gzipSync(plain), 999), bomb)))).toBe("LIMIT_EXCEEDED");
    expect(await inflate(gzipSync(plain))).toBe(job.diffId);
  });

  it("passes the source's own error on, and ends the source when nobody wants more", async () => {
    let ended = 0;
    const source = async function* (fail: boolean): AsyncGenerator<Uint8Array> {
      try {
        yield gzipSync(plain);
        if (fail) throw new WaybillError("SIZE_SHORT", "cut");
        for (;;) yield gzipSync(plain);
      } finally {
        ended++;
      }
    };
    expect(await codeOfPromise(hash(pool.inflate(testCtx(), source(true), job)))).toBe("SIZE_SHORT");
    for await (const chunk of pool.inflate(testCtx(), source(false), job)) if (chunk.length > 0) break;
    await expect.poll(() => ended).toBe(2);
    expect(await inflate(gzipSync(plain))).toBe(job.diffId);
  });

  it("stops when it is told to", async () => {
    const stop = new AbortController();
    const slow = async function* (): AsyncGenerator<Uint8Array> {
      yield gzipSync(plain);
      stop.abort();
      yield gzipSync(plain);
    };
    await expect(hash(pool.inflate(testCtx({ signal: stop.signal }), slow(), job))).rejects.toThrow("aborted");
    expect(await inflate(gzipSync(plain))).toBe(job.diffId);
  });

  it("fails what is under way when it is closed", async () => {
    const other = openInflatePool(1);
    const silent = async function* (): AsyncGenerator<Uint8Array> {
      yield gzipSync(plain);
      await other.close();
      await new Promise(() => undefined);
    };
    expect(await codeOfPromise(hash(other.inflate(testCtx(), silent(), job)))).toBe("ABORTED");
  });
});
