import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { writeCsv, writeJson } from "./exportTable.ts";

describe("CSV", () => {
  it("has a line of names, and quotes what would break a line or a cell", () => {
    const rows = [{ name: 'a "b", c', version: "1\n2", count: -3 }];
    expect(writeCsv(["name", "version", "count"], rows)).toBe('name,version,count\r\n"a ""b"", c","1\n2",-3\r\n');
  });

  it.each(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])("lets no spreadsheet run %j", (name) => {
    expect(writeCsv(["name"], [{ name }])).toMatch(/^name\r\n"?'/);
  });

  it("can be read back by RFC 4180", () => {
    const cell = fc.string({ unit: "grapheme" }).filter((text) => !/^[=+\-@\t\r]/.test(text));
    const table = fc.array(fc.record({ a: cell, b: cell }), { maxLength: 5 });
    fc.assert(
      fc.property(table, (rows) => {
        expect(readCsv(writeCsv(["a", "b"], rows))).toEqual([["a", "b"], ...rows.map(({ a, b }) => [a, b])]);
      }),
    );
  });
});

/** The grammar of RFC 4180, section 2, in the most direct way. */
const readCsv = (text: string): readonly (readonly string[])[] => {
  const rows: string[][] = [[]];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y;
  while (cell.lastIndex < text.length) {
    const found = cell.exec(text);
    if (found === null) return [["not CSV"]];
    rows.at(-1)?.push(found[1]?.replaceAll('""', '"') ?? found[2] ?? "");
    if (found[3] === "\r\n") rows.push([]);
  }
  return rows.slice(0, -1);
};

describe("JSON", () => {
  it("is exactly what was there", () => {
    const rows = [{ name: "=1+1", count: 2 }];
    expect(JSON.parse(writeJson(rows))).toEqual(rows);
  });
});
