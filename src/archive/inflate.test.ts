import { gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inflate } from "#archive/inflate.ts";
import { INFLATE_LIMITS } from "#archive/inflateLimits.ts";
import type { InflateLimits } from "#archive/inflateLimits.ts";
import { digestOf } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import { readAll } from "#core/verifiedBytes.ts";
import { testCtx } from "../../test/fakes/testCtx.ts";

async function* cut(bytes: Uint8Array, step: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step);
}

const CAP = 1024 ** 3;

const inflateAll = (packed: Uint8Array, plain: Uint8Array, step = 1 << 20, limits: Partial<InflateLimits> = {}) =>
  readAll(
    inflate(testCtx(), cut(packed, step), {
      what: "layer",
      size: packed.length,
      diffId: digestOf(plain),
      limits: { ...INFLATE_LIMITS, ...limits },
    }),
    CAP,
    "the stream",
  );

/** The code of what it rejects with, undefined when it does not. */
const codeOf = (promise: Promise<unknown>): Promise<string | undefined> =>
  promise.then(
    () => undefined,
    (error: unknown) => (error instanceof WaybillError ? error.code : `not coded: ${String(error)}`),
  );

const a = Buffer.from("first part ".repeat(100));
const b = Buffer.from("second part ".repeat(5000));
const both = Buffer.concat([a, b]);
const skippable = Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
// A window of 2^(10 + 17) bytes and one raw block that is the last.
const window128 = Buffer.concat([
  Buffer.from("28b52ffd0088", "hex"),
  Buffer.from(Uint32Array.of((both.length << 3) | 1).buffer).subarray(0, 3),
  both,
]);

describe("inflate", () => {
  it.each([
    ["plain bytes", both],
    ["gzip", gzipSync(both)],
    ["gzip members", Buffer.concat([gzipSync(a), gzipSync(b)])],
    ["gzip with an empty member at the end", Buffer.concat([gzipSync(both), gzipSync("")])],
    ["gzip padded with zeros", Buffer.concat([gzipSync(both), Buffer.alloc(2000)])],
    ["zstd", zstdCompressSync(both)],
    ["zstd frames", Buffer.concat([zstdCompressSync(a), zstdCompressSync(b)])],
    [
      "zstd with skippable frames",
      Buffer.concat([skippable, zstdCompressSync(a), skippable, zstdCompressSync(b), skippable]),
    ],
    ["zstd with a window of 128 MiB", window128],
  ])("reads %s, however it is cut", async (_, packed) => {
    for (const step of [3, 5, 64, 1 << 20]) {
      // oxlint-disable-next-line no-await-in-loop -- one after another keeps memory low
      expect(both.equals(await inflateAll(packed, both, step))).toBe(true);
    }
  });

  it("reads nothing at all", async () => {
    expect(await inflateAll(Buffer.alloc(0), Buffer.alloc(0))).toHaveLength(0);
    expect(await inflateAll(gzipSync(""), Buffer.alloc(0))).toHaveLength(0);
    expect(await inflateAll(skippable, Buffer.alloc(0))).toHaveLength(0);
  });

  it.each([
    ["gzip cut off", gzipSync(both).subarray(0, -20)],
    ["a gzip member cut off in its header", Buffer.concat([gzipSync(both), gzipSync(a).subarray(0, 5)])],
    ["a wrong gzip checksum", edited(gzipSync(both), -6)],
    ["text after gzip", Buffer.concat([gzipSync(both), Buffer.from("garbage")])],
    ["zeros and text after gzip", Buffer.concat([gzipSync(both), Buffer.from("\0garbage")])],
    ["zeros and a member after gzip", Buffer.concat([gzipSync(a), Buffer.alloc(512), gzipSync(b)])],
    ["zstd cut off", zstdCompressSync(both).subarray(0, -3)],
    ["a skippable frame cut off", Buffer.concat([zstdCompressSync(both), skippable.subarray(0, 9)])],
    ["text after zstd", Buffer.concat([zstdCompressSync(both), Buffer.from("garbage")])],
    ["a zstd block of a reserved type", Buffer.from("28b52ffd2001070000", "hex")],
    ["a zstd dictionary", Buffer.from("28b52ffd210101010000", "hex")],
    ["xz", Buffer.from("fd377a585a0000000000000000", "hex")],
    ["bzip2", Buffer.from("425a683931415926535900000000", "hex")],
  ])("refuses %s", async (_, packed) => {
    for (const step of [1, 7, 1 << 20]) {
      // oxlint-disable-next-line no-await-in-loop -- see above
      expect(await codeOf(inflateAll(packed, both, step))).toBe("IMAGE_REFUSED");
    }
  });

  it("looks at all that follows padding, however late it comes", async () => {
    const late = async function* (tail: Buffer): AsyncGenerator<Uint8Array> {
      yield Buffer.concat([gzipSync(both), Buffer.alloc(10)]);
      await new Promise((resolve) => setTimeout(resolve, 20));
      yield Buffer.alloc(10);
      yield tail;
    };
    const job = { what: "layer", size: 1000, diffId: digestOf(both), limits: INFLATE_LIMITS };
    expect(await codeOf(readAll(inflate(testCtx(), late(Buffer.alloc(9)), job), CAP, "x"))).toBeUndefined();
    const refused = await codeOf(readAll(inflate(testCtx(), late(gzipSync(a)), job), CAP, "x"));
    expect(refused).toBe("IMAGE_REFUSED");
  });

  it("finds another diffID than announced", async () => {
    expect(await codeOf(inflateAll(gzipSync(a), b))).toBe("DIGEST_MISMATCH");
  });

  it("stops at its limits", async () => {
    const zeros = Buffer.alloc(4 << 20);
    expect(await codeOf(inflateAll(gzipSync(both), both, 1 << 20, { maxBytes: both.length - 1 }))).toBe(
      "LIMIT_EXCEEDED",
    );
    expect(await codeOf(inflateAll(gzipSync(both), both, 1 << 20, { maxBytes: both.length }))).toBeUndefined();
    expect(await codeOf(inflateAll(gzipSync(zeros), zeros, 512, { ratioFrom: 1 << 20 }))).toBe("LIMIT_EXCEEDED");
    expect(await codeOf(inflateAll(zstdCompressSync(zeros), zeros, 512, { ratioFrom: 1 << 20 }))).toBe(
      "LIMIT_EXCEEDED",
    );
    expect(await codeOf(inflateAll(window128, both, 1 << 20, { maxWindow: 64 << 20 }))).toBe("LIMIT_EXCEEDED");
  });

  it("passes the errors of its source through, and ends the source when nobody wants more", async () => {
    let ended = 0;
    const source = async function* (fail: boolean): AsyncGenerator<Uint8Array> {
      try {
        yield gzipSync(both);
        if (fail) throw new WaybillError("SIZE_SHORT", "cut");
        yield gzipSync(Buffer.alloc(8 << 20));
      } finally {
        ended++;
      }
    };
    const job = { what: "layer", size: 1000, diffId: digestOf(both), limits: INFLATE_LIMITS };
    expect(await codeOf(readAll(inflate(testCtx(), source(true), job), CAP, "x"))).toBe("SIZE_SHORT");
    for await (const chunk of inflate(testCtx(), source(false), job)) if (chunk.length > 0) break;
    await expect.poll(() => ended).toBe(2);
  });

  it("stops when it is told to", async () => {
    const signal = AbortSignal.abort();
    const job = { what: "layer", size: 1000, diffId: digestOf(both), limits: INFLATE_LIMITS };
    await expect(readAll(inflate(testCtx({ signal }), cut(both, 99), job), CAP, "x")).rejects.toThrow("aborted");
  });

  it("gives the true bytes or a coded error, whatever is changed", async () => {
    const packed = [
      Buffer.concat([gzipSync(a), gzipSync(a)]),
      Buffer.concat([zstdCompressSync(a), skippable, zstdCompressSync(a, { params: { 201: 1 } })]),
    ];
    const plain = Buffer.concat([a, a]);
    const codes = [undefined, "IMAGE_REFUSED", "LIMIT_EXCEEDED", "DIGEST_MISMATCH"];
    const arbitrary = fc.tuple(fc.constantFrom(...packed), fc.nat(400), fc.nat(255), fc.integer({ min: 1, max: 99 }));
    await fc.assert(
      fc.asyncProperty(arbitrary, async ([bytes, at, byte, step]) => {
        const changed = Buffer.from(bytes);
        changed[at % changed.length] = byte;
        expect(codes).toContain(await codeOf(inflateAll(changed, plain, step)));
      }),
      { numRuns: 150 },
    );
  });
});

function edited(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  const index = copy.length + at;
  copy[index] = (copy[index] ?? 0) ^ 1;
  return copy;
}
