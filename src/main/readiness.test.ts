import { expect, it } from "vitest";
import { WaybillError } from "#core/errors.ts";
import type { RecordStore } from "#records/recordStore.ts";
import { createReadiness } from "#main/readiness.ts";
import { manualClock } from "../../test/fakes/manualClock.ts";
import { testCtx } from "../../test/fakes/testCtx.ts";

it("asks the store once a second, however many want to know, and sees when it fails", async () => {
  const clock = manualClock(1000);
  let reads = 0;
  let up = true;
  const read = async () => {
    reads++;
    if (!up) throw new WaybillError("STORE_FAILED", "the database cannot be reached");
  };
  const store = { read, write: read } as unknown as RecordStore;
  const ready = createReadiness(testCtx({ clock }), store);
  expect(await Promise.all(Array.from({ length: 50 }, ready))).not.toContain(false);
  up = false;
  clock.advance(999);
  expect([await ready(), reads]).toEqual([true, 1]);
  clock.advance(1);
  expect([await ready(), reads]).toEqual([false, 2]);
  up = true;
  clock.advance(1000);
  expect([await ready(), reads]).toEqual([true, 3]);
});
