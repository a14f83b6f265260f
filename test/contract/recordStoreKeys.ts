import { describe, expect, it } from "vitest";
import { ALL_TENANTS } from "#records/build.ts";
import type { StoreBench } from "./recordStoreBench.ts";
import { sampleEvent, sampleKey, sampleLiveEvent } from "./recordStoreSamples.ts";

export const testKeys = ({ read, write }: StoreBench): void => {
  describe("keys", () => {
    it("keeps one of an id, the last, and gives those in use first, then the newest", async () => {
      const old = sampleKey({ id: "sha256:0", firstSeenAt: 1, state: "retired", retiredAt: 3 });
      const newer = sampleKey({ id: "sha256:1", firstSeenAt: 2, state: "retired", retiredAt: 5 });
      const used = sampleKey({ id: "sha256:2", firstSeenAt: 0 });
      const also = sampleKey({ id: "sha256:3", firstSeenAt: 9, algorithm: "rsa" });
      await write(async ({ keys }) => {
        for (const key of [{ ...used, state: "retired", retiredAt: 2 } as const, old, newer, used, also])
          await keys.put(key);
      });
      expect(await read(({ keys }) => keys.list())).toEqual([also, used, newer, old]);
      expect(await read(({ keys }) => keys.find("sha256:2"))).toEqual(used);
      expect(await read(({ keys }) => keys.find("sha256:4"))).toBeUndefined();
    });

    it("shows every tenant what concerns all of them, in its place and within the limit", async () => {
      await write(async ({ audit, events }) => {
        for (const tenant of ["default", ALL_TENANTS, "other", "default", ALL_TENANTS]) {
          await audit.append(sampleEvent({ tenant }));
          await events.append(sampleLiveEvent({ tenant }));
        }
      });
      const seqs = (after: number, limit: number) =>
        read(async ({ audit, events }) => {
          const both = [await audit.list("default", after, limit), await events.list("default", after, limit)];
          return both.map((list) => list.map(({ seq }) => seq));
        });
      expect(await seqs(0, 9)).toEqual([
        [1, 2, 4, 5],
        [1, 2, 4, 5],
      ]);
      expect(await seqs(1, 2)).toEqual([
        [2, 4],
        [2, 4],
      ]);
      expect(await read(({ audit }) => audit.list("nobody", 0, 9))).toHaveLength(2);
      const query = { order: "newest", after: 5, actor: undefined, action: undefined, object: undefined } as const;
      const found = await read(({ audit }) => audit.search("default", query, 2));
      expect(found.map(({ seq }) => seq)).toEqual([4, 2]);
    });
  });
};
