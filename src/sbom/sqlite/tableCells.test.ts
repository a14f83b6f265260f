import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findTable } from "#sbom/sqlite/findTable.ts";
import { readRow } from "#sbom/sqlite/readRow.ts";
import { readValues } from "#sbom/sqlite/readValues.ts";
import type { SqliteValue } from "#sbom/sqlite/readValues.ts";
import { openPages } from "#sbom/sqlite/sqlitePages.ts";
import type { SqlitePages } from "#sbom/sqlite/sqlitePages.ts";
import { tableCells } from "#sbom/sqlite/tableCells.ts";
import { readWriteAheadLog } from "#sbom/sqlite/writeAheadLog.ts";
import { codeOf } from "../../../test/fakes/codeOf.ts";
import { checkpoint, sqliteStates } from "../../../test/fakes/rpmDatabases.ts";
import type { SqliteFiles } from "../../../test/fakes/rpmDatabases.ts";

interface Table {
  readonly rows: readonly (readonly SqliteValue[])[];
  readonly damage: readonly string[];
}

/** All rows of table T, the id in place of its null. */
const readTable = (pages: SqlitePages): Table => {
  const damage: string[] = [];
  const used = new Set<number>();
  const root = findTable(pages, "T", used, (reason) => damage.push(reason));
  const rows: (readonly SqliteValue[])[] = [];
  for (const cell of root === undefined ? [] : tableCells(pages, root, used, (reason) => damage.push(reason)))
    rows.push([cell.rowid, ...readValues(readRow(pages, cell, used).bytes, pages.encoding).slice(1)]);
  return { rows, damage };
};

/** The file with its log laid over it. */
const overlay = ({ main, log }: SqliteFiles): SqlitePages => {
  const pages = openPages(main);
  const over = readWriteAheadLog(log);
  if (over === undefined) return pages;
  return {
    ...pages,
    page: (number) => (number <= over.pageCount ? (over.pages.get(number) ?? pages.page(number)) : undefined),
  };
};

const bytes = (length: number, value: number): Buffer => Buffer.alloc(length, value);
const create = "CREATE TABLE other (x); CREATE TABLE T (id INTEGER PRIMARY KEY, a, b)";

describe("a table of an SQLite database", () => {
  // The library itself says what is in the file: page sizes, rows in several pages and interior pages included.
  it("has the rows that were written, whatever their size and type", () => {
    const value = fc.oneof(
      fc.constant(null),
      fc.maxSafeInteger(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((one) => (Object.is(one, -0) ? 0 : one)),
      fc.string({ unit: "grapheme" }).map((text) => text.replaceAll("\0", "")),
      fc.nat(9000).map((length) => bytes(length, length % 251)),
    );
    const rows = fc.uniqueArray(fc.tuple(fc.maxSafeInteger(), value, value), { selector: ([id]) => id, maxLength: 60 });
    fc.assert(
      fc.property(rows, fc.constantFrom(512, 1024, 4096, 65_536), (wanted, pageSize) => {
        const insert = (database: Parameters<Parameters<typeof sqliteStates>[0][0]>[0]): void => {
          database.exec(`${create}; BEGIN`);
          const statement = database.prepare("INSERT INTO T VALUES (?, ?, ?)");
          for (const row of wanted) statement.run(...row);
          database.exec("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)");
        };
        const [files = { main: bytes(0, 0), log: bytes(0, 0) }] = sqliteStates([insert], { pageSize });
        const sorted = wanted.toSorted(([a], [b]) => a - b);
        expect(readTable(openPages(files.main))).toEqual({ rows: sorted, damage: [] });
      }),
      { numRuns: 12 },
    );
  });

  it("is the same in UTF-16", () => {
    for (const encoding of ["UTF-16le", "UTF-16be"]) {
      const [files] = sqliteStates([
        (database) => {
          database.exec(`PRAGMA encoding = '${encoding}'; ${create}; INSERT INTO T VALUES (1, 'grün', 'x')`);
          checkpoint(database);
        },
      ]);
      expect(readTable(openPages(files?.main ?? bytes(0, 0))).rows).toEqual([[1, "grün", "x"]]);
    }
  });

  it("has no damage that is not told, wherever the file ends", () => {
    const [files] = sqliteStates(
      [
        (database) => {
          database.exec(`${create}; BEGIN`);
          const statement = database.prepare("INSERT INTO T VALUES (?, ?, ?)");
          for (let id = 0; id < 40; id++) statement.run(id, bytes(300, id), null);
          database.exec("COMMIT");
          checkpoint(database);
        },
      ],
      { pageSize: 512 },
    );
    const main = files?.main ?? bytes(0, 0);
    for (let size = 512; size < main.length; size += 512) {
      const { rows, damage } = readTable(openPages(main.subarray(0, size)));
      expect(rows.length < 40).toBe(damage.length > 0);
    }
    expect(readTable(openPages(main)).rows).toHaveLength(40);
  });

  it("is refused where the file is none", () => {
    expect(codeOf(() => openPages(bytes(4096, 0)))).toBe("INPUT_INVALID");
    expect(codeOf(() => openPages(bytes(0, 0)))).toBe("INPUT_INVALID");
  });

  it("reads no page twice", () => {
    const [files] = sqliteStates([
      (database) => {
        database.exec(`${create}; INSERT INTO T VALUES (1, zeroblob(20000), 2), (2, zeroblob(20000), 2)`);
        checkpoint(database);
      },
    ]);
    const main = files?.main ?? bytes(0, 0);
    const pages = openPages(main);
    const root = findTable(pages, "T", new Set(), () => undefined) ?? 0;
    const [cell] = tableCells(pages, root, new Set(), () => undefined);
    // The first overflow page of row 1 says that it goes on with itself.
    main.writeUInt32BE(cell?.overflow ?? 0, ((cell?.overflow ?? 0) - 1) * 4096);
    expect(codeOf(() => readTable(openPages(main)))).toBe("INPUT_INVALID");
  });
});

describe("a write-ahead log", () => {
  const put = (id: number, size: number) => (database: { exec: (sql: string) => void }) =>
    database.exec(`INSERT OR REPLACE INTO T VALUES (${id}, zeroblob(${size}), ${size})`);
  const ids = ({ rows }: Table): readonly unknown[] => rows.map(([id, , size]) => `${String(id)}:${String(size)}`);

  it("lies over the file, up to its last commit", () => {
    const states = sqliteStates([(database) => database.exec(create), checkpoint, put(1, 9000), put(2, 10), put(1, 5)]);
    expect(states.map((files) => ids(readTable(overlay(files))))).toEqual([
      [],
      [],
      ["1:9000"],
      ["1:9000", "2:10"],
      ["1:5", "2:10"],
    ]);
    expect(states.map(({ main }) => ids(readTable(openPages(main))))).toEqual([[], [], [], [], []]);
  });

  it("counts only as far as its checksums and salts are right", () => {
    const [, first, second] = sqliteStates([(database) => database.exec(create), put(1, 100), put(2, 100)]);
    const files = second ?? { main: bytes(0, 0), log: bytes(0, 0) };
    const atFirst = first?.log.length ?? 0;
    for (const at of [atFirst + 4, atFirst + 9, atFirst + 20, atFirst + 200, files.log.length - 1]) {
      const log = Buffer.from(files.log);
      log[at] = (log[at] ?? 0) ^ 1;
      expect(ids(readTable(overlay({ main: files.main, log })))).toEqual(["1:100"]);
    }
    const cut = files.log.subarray(0, files.log.length - 1);
    expect(ids(readTable(overlay({ main: files.main, log: cut })))).toEqual(["1:100"]);
  });

  it("holds frames of an earlier generation behind those of its own, and they count for nothing", () => {
    const big = put(7, 60_000);
    const states = sqliteStates([(database) => database.exec(create), big, checkpoint, put(1, 10)]);
    const { main, log } = states.at(-1) ?? { main: bytes(0, 0), log: bytes(0, 0) };
    // The new generation is one frame, the file still as long as the old one.
    expect(log.length).toBe(states[1]?.log.length);
    expect(readWriteAheadLog(log)?.pages.size).toBeLessThan(3);
    expect(ids(readTable(overlay({ main, log })))).toEqual(["1:10", "7:60000"]);
  });

  it("is ignored where its header is wrong", () => {
    const [, files] = sqliteStates([(database) => database.exec(create), put(1, 10)]);
    const log = files?.log ?? bytes(0, 0);
    expect(readWriteAheadLog(log)).toBeDefined();
    for (const at of [0, 5, 10, 17, 25, 30]) {
      const changed = Buffer.from(log);
      changed[at] = (changed[at] ?? 0) ^ 0x10;
      expect(readWriteAheadLog(changed)).toBeUndefined();
    }
    expect(readWriteAheadLog(bytes(0, 0))).toBeUndefined();
  });
});
