import { describe, expect, it } from "vitest";
import { inflate } from "#archive/inflate.ts";
import type { FactCache } from "#sbom/factCache.ts";
import { CATALOGERS } from "#sbom/catalogers.ts";
import { readDistro } from "#sbom/readDistro.ts";
import type { ScanDeps, ScanInput } from "#sbom/scanImage.ts";
import { scanLayer } from "#sbom/scanLayer.ts";
import { codeOfPromise } from "../../test/fakes/codeOfPromise.ts";
import { scan, scanInput } from "../../test/fakes/scanBench.ts";
import type { RawEntry } from "../../test/fakes/tarBytes.ts";

const memoryCache = (): FactCache & { readonly kept: Map<string, Buffer> } => {
  const kept = new Map<string, Buffer>();
  return {
    kept,
    read: async (_, key) => kept.get(key),
    write: async (_, key, parts) => void kept.set(key, Buffer.concat(parts)),
  };
};

const manifest = (name: string, at = `app/node_modules/${name}/package.json`): RawEntry => ({
  name: at,
  body: JSON.stringify({ name, version: "1.0.0" }),
});
const base = [manifest("a"), manifest("b"), { name: "store/c.json", body: manifest("c").body ?? "" }];
const link: RawEntry = { name: "app/node_modules/c/package.json", flag: "1", link: "store/c.json" };
const layers = [base, [link], [{ name: "app/node_modules/.wh.a", body: "" }]];

const deps = (cache: FactCache, engine = "1"): Partial<ScanDeps> => ({
  catalogers: CATALOGERS,
  scanLayer: scanLayer(CATALOGERS, inflate),
  facts: { cache, engine },
  readDistro,
});

describe("readFacts", () => {
  it("gives the same image from the cache as from the layers, and opens none of them", async () => {
    const cache = memoryCache();
    const cold = scanInput(layers);
    const first = await scan(cold, deps(cache));
    expect(first.packages.map(({ name }) => name)).toEqual(["b", "c"]);
    // The first layer again, for what a link made evidence.
    expect(cold.opened).toEqual([0, 1, 2, 0]);
    const warm = scanInput(layers);
    expect(await scan(warm, deps(cache))).toEqual(first);
    expect(warm.opened).toEqual([]);
    expect(await scan(scanInput(layers), { ...deps(cache), facts: undefined })).toEqual(first);
  });

  it("reads again what other code, or other limits, would see otherwise", async () => {
    const cache = memoryCache();
    await scan(scanInput(layers), deps(cache));
    const opened = async (input: ScanInput & { readonly opened: number[] }, engine: string): Promise<number> => {
      await scan(input, deps(cache, engine));
      return input.opened.length;
    };
    expect(await opened(scanInput(layers), "2")).toBe(4);
    expect(await opened(scanInput(layers, { maxCaptured: 1 << 20 }), "1")).toBe(4);
    expect(await opened(scanInput(layers, { width: 7 }), "1")).toBe(0);
  });

  it("counts what it takes from the cache against the image's limits, and does not believe another diffID", async () => {
    const cache = memoryCache();
    const limits = { maxEntries: 4 };
    await scan(scanInput(layers.slice(0, 2), limits), deps(cache));
    expect(await codeOfPromise(scan(scanInput(layers, limits), deps(cache)))).toBe("LIMIT_EXCEEDED");
    const { diffIds, ...rest } = scanInput(layers);
    expect(await codeOfPromise(scan({ ...rest, diffIds: diffIds.toReversed() }, deps(cache)))).toBe("DIGEST_MISMATCH");
  });

  it("keeps nothing of a layer that was refused", async () => {
    const cache = memoryCache();
    const { layers: sources, ...rest } = scanInput([base]);
    const cut = sources.map((source) => ({
      ...source,
      open: async function* () {
        yield Buffer.from("no archive".repeat(100));
      },
    }));
    expect(await codeOfPromise(scan({ ...rest, layers: cut }, deps(cache)))).toBe("IMAGE_REFUSED");
    expect(cache.kept.size).toBe(0);
  });
});

describe("scope", () => {
  it("of all layers also lists what later ones took away, and says which", async () => {
    const newer = { name: "app/node_modules/b/package.json", body: JSON.stringify({ name: "b", version: "2.0.0" }) };
    const input = { ...scanInput([...layers, [newer]]), scope: "all-layers" as const };
    const { packages } = await scan(input, { ...deps(memoryCache()), facts: undefined });
    expect(
      packages.map(({ name, version, introducedIn, removedIn }) => [name, version, introducedIn, removedIn]),
    ).toEqual([
      ["a", "1.0.0", 0, 2],
      ["b", "1.0.0", 0, 3],
      ["b", "2.0.0", 3, undefined],
      ["c", "1.0.0", 1, undefined],
    ]);
    const squashed = await scan({ ...input, scope: "squashed" }, { ...deps(memoryCache()), facts: undefined });
    expect(packages.filter((one) => one.removedIn === undefined)).toEqual(squashed.packages);
  });
});
