import { globSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const ROW = /^\| ((?:CVE|GHSA)-\S+) *\|.*\| ([^|]+?) *\|$/gm;
const rows = [...readFileSync("docs/advisories.md", "utf8").matchAll(ROW)].map(
  ([, id = "", here = ""]) => [id, here] as const,
);

const ROOMS = ["src/{trust,sigstore,claims,core,app}/**/*.test.ts", "test/vectors/*.test.ts"];

describe("docs/advisories.md", () => {
  it("has each advisory once", () => {
    expect(rows.length).toBeGreaterThan(35);
    expect(new Set(rows.map(([id]) => id)).size).toBe(rows.length);
  });

  it.each(rows)("says of %s where its test is, or why there can be none", (id, here) => {
    if (here.startsWith("Impossible: ")) return;
    const files = [...here.matchAll(/`([^`]+\.test\.ts)`/g)].map(([, file = ""]) => file);
    expect(files).not.toEqual([]);
    // The whole number: another one may begin with it.
    for (const file of files) expect(readFileSync(file, "utf8")).toMatch(new RegExp(`${id}(?!\\d)`));
  });

  it("names every advisory that a test here carries", () => {
    const carried = globSync(ROOMS).flatMap((file) =>
      [...readFileSync(file, "utf8").matchAll(/(?:CVE-\d{4}-\d+|GHSA-[0-9a-z]{4}(?:-[0-9a-z]{4})*)/g)].map(
        ([id]) => id,
      ),
    );
    expect(carried.length).toBeGreaterThan(30);
    expect([...new Set(carried)].filter((id) => !rows.some(([row]) => row === id))).toEqual([]);
  });
});
