import { expect, it } from "vitest";
import { WaybillError } from "#core/errors.ts";
import type { RecordStore } from "#records/recordStore.ts";
import { createReadiness } from "#main/readiness.ts";
import { manualClock } from "../../test/fakes/manualClock.ts";
import { testCtx } from "../../test/fakes/testCtx.ts";

const NOW = Date.parse("2026-05-04T03:02:01Z");

const bench = (read: () => Promise<unknown>, start = NOW) => {
  const clock = manualClock(start);
  const told: unknown[] = [];
  const ctx = testCtx({ clock, log: (level, message, fields) => void told.push([level, message, fields?.["reason"]]) });
  const store = { read, write: read } as unknown as RecordStore;
  return { clock, told, ready: createReadiness(ctx, store) };
};

it("asks the store once a second, however many want to know, and sees when it fails", async () => {
  let reads = 0;
  let up = true;
  const { clock, told, ready } = bench(async () => {
    reads++;
    if (!up) throw new WaybillError("STORE_FAILED", "the database cannot be reached");
  });
  expect(await Promise.all(Array.from({ length: 50 }, ready))).not.toContain(false);
  up = false;
  clock.advance(999);
  expect([await ready(), reads]).toEqual([true, 1]);
  clock.advance(1);
  expect([await ready(), reads]).toEqual([false, 2]);
  clock.advance(1000);
  expect([await ready(), reads]).toEqual([false, 3]);
  up = true;
  clock.advance(1000);
  expect([await ready(), reads]).toEqual([true, 4]);
  expect(told).toEqual([
    ["error", "not ready", "the store: the database cannot be reached"],
    ["info", "ready again", undefined],
  ]);
});

it("says no where the store does not answer within two seconds", async () => {
  const { clock, told, ready } = bench(() => new Promise<never>(() => undefined));
  const answer = ready();
  clock.advance(1999);
  expect(await Promise.race([answer, Promise.resolve("waits")])).toBe("waits");
  clock.advance(1);
  expect(await answer).toBe(false);
  expect(told).toEqual([["error", "not ready", "the store: there was no answer within 2000 ms"]]);
});

it("says no while the clock stands before the program was made", async () => {
  const { clock, ready } = bench(async () => true, 0);
  expect(await ready()).toBe(false);
  clock.advance(Date.parse("2026-01-01T00:00:00Z"));
  expect(await ready()).toBe(true);
});
