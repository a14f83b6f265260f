import { describe, expect, it } from "vitest";
import { limit, mapLimited } from "#core/limit.ts";

describe("limit", () => {
  it("keeps at most its width under way, in order", async () => {
    let running = 0;
    let peak = 0;
    const results = await mapLimited([5, 1, 4, 2, 3], 2, async (value) => {
      peak = Math.max(peak, ++running);
      await new Promise((resolve) => setTimeout(resolve, value));
      running--;
      return value * 2;
    });
    expect(results).toEqual([10, 2, 8, 4, 6]);
    expect(peak).toBe(2);
  });

  it("gives the first failure and starts nothing after it", async () => {
    const started: number[] = [];
    const run = mapLimited([1, 2, 3, 4], 1, async (value) => {
      started.push(value);
      if (value === 2) throw new RangeError("two");
      return value;
    });
    await expect(run).rejects.toThrow("two");
    expect(started).toEqual([1, 2]);
  });

  it("frees its place when a task fails", async () => {
    const run = limit(1);
    await expect(run(() => Promise.reject(new RangeError("x")))).rejects.toThrow("x");
    expect(await run(async () => 7)).toBe(7);
  });
});
