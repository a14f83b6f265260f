import { describe, expect, it } from "vitest";
import { createTurns } from "./turns.ts";

describe("turns", () => {
  it("let so many run at once, and all of them in the end", async () => {
    const turns = createTurns(2);
    let running = 0;
    let most = 0;
    const work = async (n: number): Promise<number> => {
      most = Math.max(most, ++running);
      await Promise.resolve();
      running--;
      return n;
    };
    const all = [1, 2, 3, 4, 5].map((n) => turns(() => work(n)));
    expect(await Promise.all(all)).toEqual([1, 2, 3, 4, 5]);
    expect(most).toBe(2);
  });

  it("go on after a failure", async () => {
    const turns = createTurns(1);
    await expect(turns(() => Promise.reject(new RangeError("no")))).rejects.toThrow("no");
    expect(await turns(() => Promise.resolve("yes"))).toBe("yes");
  });
});
