import { describe, expect, it } from "vitest";
import type { FoundCredential } from "#registry/client/credentials.ts";
import { cloudSource } from "#registry/credential/cloud/cloudSource.ts";
import { manualClock } from "../../../../test/fakes/manualClock.ts";
import { testCtx } from "../../../../test/fakes/testCtx.ts";

const MINUTE = 60_000;
const bench = (lifeMs: number | undefined) => {
  const clock = manualClock(1_000_000);
  const asked: string[] = [];
  const source = cloudSource([
    { owns: (registry) => registry === "other.cloud", find: () => Promise.reject(new Error("not mine")) },
    {
      owns: (registry) => registry === "my.cloud",
      find: async (_ctx, registry): Promise<FoundCredential | undefined> => {
        asked.push(registry);
        if (lifeMs === undefined) return undefined;
        const credential = { kind: "refresh", token: `t${asked.length}` } as const;
        return { credential, from: "the cloud", usableUntil: clock.now() + lifeMs };
      },
    },
  ]);
  const ctx = testCtx({ clock });
  const ask = (registry: string, refused?: FoundCredential) => source(ctx, { registry, repository: "any" }, refused);
  return { ask, asked, clock };
};

describe("cloudSource", () => {
  it("attack 47: asks only the cloud whose registry it is", async () => {
    const { ask, asked } = bench(MINUTE);
    expect(await ask("registry.test")).toBeUndefined();
    expect(asked).toEqual([]);
    expect(await ask("my.cloud")).toMatchObject({ from: "the cloud" });
  });

  it("keeps what it bought until five minutes before its end, and not what was refused", async () => {
    const { ask, asked, clock } = bench(60 * MINUTE);
    const found = await ask("my.cloud");
    expect(found?.usableUntil).toBe(clock.now() + 55 * MINUTE);
    clock.advance(54 * MINUTE);
    expect(await ask("my.cloud")).toBe(found);
    clock.advance(2 * MINUTE);
    const next = await ask("my.cloud");
    expect(asked).toHaveLength(2);
    await ask("my.cloud", next);
    expect(asked).toHaveLength(3);
  });

  it("does not wait again and again where there is no cloud", async () => {
    const { ask, asked, clock } = bench(undefined);
    for (let times = 0; times < 3; times++) expect(await ask("my.cloud")).toBeUndefined();
    expect(asked).toHaveLength(1);
    clock.advance(6 * MINUTE);
    await ask("my.cloud");
    expect(asked).toHaveLength(2);
  });
});
