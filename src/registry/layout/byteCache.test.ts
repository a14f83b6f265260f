import { describe, expect, it } from "vitest";
import { createByteCache } from "#registry/layout/byteCache.ts";

describe("the cache of small contents", () => {
  it("drops what was asked for least lately, and counts replaced bytes once", () => {
    const cache = createByteCache(10);
    cache.set("a", Buffer.alloc(4));
    cache.set("b", Buffer.alloc(4));
    cache.get("a");
    cache.set("a", Buffer.alloc(5));
    expect(cache.get("b")).toBeDefined();
    cache.set("c", Buffer.alloc(3));
    expect(["a", "b", "c"].filter((name) => cache.get(name) !== undefined)).toEqual(["b", "c"]);
    cache.delete("b");
    cache.set("d", Buffer.alloc(7));
    expect(["b", "c", "d"].filter((name) => cache.get(name) !== undefined)).toEqual(["c", "d"]);
  });

  it("keeps nothing that is larger than the cap", () => {
    const cache = createByteCache(10);
    cache.set("large", Buffer.alloc(11));
    expect(cache.get("large")).toBe(undefined);
  });
});
