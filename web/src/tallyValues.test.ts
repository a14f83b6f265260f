import { describe, expect, it } from "vitest";
import { tallyValues } from "./tallyValues.ts";

describe("a tally", () => {
  it("counts the rows that have a value, the most frequent first, then by name", () => {
    const rows = [["MIT", "ISC"], ["Zlib"], ["MIT", "MIT"], ["__proto__"], ["ISC"], ["MIT"], []];
    expect(tallyValues(rows, (row) => row)).toEqual([
      { value: "MIT", count: 3 },
      { value: "ISC", count: 2 },
      { value: "Zlib", count: 1 },
      { value: "__proto__", count: 1 },
    ]);
    expect(tallyValues([], () => ["x"])).toEqual([]);
  });
});
