import { describe, expect, it } from "vitest";
import { entriesPath, tilePath, tilesOf } from "#ledger/tilePaths.ts";

const paths = (to: bigint, from?: bigint): readonly string[] => tilesOf(to, from).map(tilePath);

describe("paths of tiles", () => {
  it.each([
    [{ level: 0, index: 1234067n, width: 256 }, "tile/0/x001/x234/067"],
    [{ level: 1, index: 0n, width: 17 }, "tile/1/000.p/17"],
    [{ level: 2, index: 999n, width: 1 }, "tile/2/999.p/1"],
    [{ level: 0, index: 1000n, width: 255 }, "tile/0/x001/000.p/255"],
  ])("write %o as %s", (place, path) => {
    expect(tilePath(place)).toBe(path);
    expect(entriesPath(place)).toBe(path.replace(/tile\/\d/, "tile/entries"));
  });

  it("are those that a tree of 70000 has", () => {
    const all = paths(70_000n);
    expect(all).toHaveLength(273 + 1 + 1 + 1 + 1);
    expect(all.slice(272)).toEqual([
      "tile/0/272",
      "tile/0/273.p/112",
      "tile/1/000",
      "tile/1/001.p/17",
      "tile/2/000.p/1",
    ]);
  });

  it("are only those that changed when a tree grew", () => {
    expect(paths(0n)).toEqual([]);
    expect(paths(1n)).toEqual(["tile/0/000.p/1"]);
    expect(paths(5n, 5n)).toEqual([]);
    expect(paths(256n, 5n)).toEqual(["tile/0/000", "tile/1/000.p/1"]);
    expect(paths(260n, 256n)).toEqual(["tile/0/001.p/4"]);
    expect(paths(600n, 250n)).toEqual(["tile/0/000", "tile/0/001", "tile/0/002.p/88", "tile/1/000.p/2"]);
  });
});
