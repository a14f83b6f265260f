import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { digestOf } from "#core/digest.ts";
import type { StreamDigest } from "#core/streamDigest.ts";
import { openDigestPool } from "#main/digestPool.ts";
import { SLOT_BYTES } from "#main/worker/digestMessage.ts";

const pools: ReturnType<typeof openDigestPool>[] = [];
const open = (threads: number): ReturnType<typeof openDigestPool> => {
  const pool = openDigestPool(threads);
  pools.push(pool);
  return pool;
};
afterEach(async () => void (await Promise.all(pools.splice(0).map((pool) => pool.close()))));

const random = randomBytes(3 * SLOT_BYTES);
const give = async (digest: StreamDigest, bytes: Uint8Array, step: number): Promise<void> => {
  for (let at = 0; at < bytes.byteLength; at += step) await digest.update(bytes.subarray(at, at + step));
};

describe("openDigestPool", () => {
  it("gives the digest of any bytes, however they are cut, also of many streams at once", async () => {
    const pool = open(2);
    const stream = fc.record({
      length: fc.integer({ min: 0, max: random.byteLength }),
      step: fc.integer({ min: 10_000, max: 2 * SLOT_BYTES }),
      algorithm: fc.constantFrom("sha256" as const, "sha512" as const),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(stream, { minLength: 1, maxLength: 12 }), async (streams) => {
        const found = streams.map(async ({ length, step, algorithm }) => {
          const digest = pool.start(algorithm);
          await give(digest, random.subarray(0, length), step);
          return digest.digest();
        });
        expect(await Promise.all(found)).toEqual(
          streams.map(({ length, algorithm }) => digestOf(random.subarray(0, length), algorithm)),
        );
      }),
      { numRuns: 25 },
    );
    expect(pool.threads()).toBeLessThanOrEqual(2);
  });

  it.each([1000, SLOT_BYTES, 2 * SLOT_BYTES + 1])(
    "forks after %i bytes, and neither hears of the other",
    async (at) => {
      const pool = open(1);
      const first = pool.start("sha256");
      await give(first, random.subarray(0, at), 100_000);
      const second = first.fork();
      await give(second, random.subarray(at), 100_000);
      await give(first, random.subarray(0, 10), 10);
      expect(await second.digest()).toBe(digestOf(random));
      expect(await first.digest()).toBe(digestOf(Buffer.concat([random.subarray(0, at), random.subarray(0, 10)])));
    },
  );

  it("takes no thread for what is small", async () => {
    const pool = open(1);
    const digest = pool.start("sha256");
    expect(digest.update(random.subarray(0, 1000))).toBeUndefined();
    expect(await digest.digest()).toBe(digestOf(random.subarray(0, 1000)));
    expect(pool.threads()).toBe(0);
  });

  it("takes no thread for what comes slowly in small parts, and forks it", async () => {
    const pool = open(1);
    const first = pool.start("sha256");
    await first.update(random.subarray(0, 1000));
    await first.flush();
    const second = first.fork();
    await give(second, random.subarray(1000), 400_000);
    expect(await second.digest()).toBe(digestOf(random));
    expect(await first.digest()).toBe(digestOf(random.subarray(0, 1000)));
    expect(pool.threads()).toBe(0);
  });

  it("fails what is under way when a thread ends, and hashes what comes later on another one", async () => {
    const pool = openDigestPool(1);
    const lost = pool.start("sha256");
    await give(lost, random, SLOT_BYTES);
    await pool.close();
    await expect(lost.digest()).rejects.toMatchObject({ code: "ABORTED" });
    lost.discard();
    const next = open(1).start("sha256");
    await give(next, random, SLOT_BYTES);
    expect(await next.digest()).toBe(digestOf(random));
  });

  it("lets go of what nobody wants: the next one needs no other thread", async () => {
    const pool = open(2);
    for (let at = 0; at < 20; at++) {
      const digest = pool.start("sha256");
      await give(digest, random, SLOT_BYTES);
      digest.discard();
    }
    expect(pool.threads()).toBe(1);
  });
});
