import { WaybillError } from "#core/errors.ts";
import { createJoiner } from "#sbom/joinPieces.ts";
import { createFaultList } from "#sbom/rpm/faultList.ts";
import { createRecordList } from "#sbom/rpm/recordList.ts";
import type { ReducedDatabase, ReducedRow } from "#sbom/rpm/reducedDatabase.ts";
import { addRow, attemptRow, localDigest, PACKAGES_TABLE } from "#sbom/rpm/reduceSqlite.ts";
import type { SqliteWalk } from "#sbom/rpm/reduceSqlite.ts";
import type { RpmRecord } from "#sbom/rpm/rpmRecord.ts";
import { findTable } from "#sbom/sqlite/findTable.ts";
import { unpackPages } from "#sbom/sqlite/packedPages.ts";
import { readDatabaseHeader } from "#sbom/sqlite/sqlitePages.ts";
import type { SqlitePages } from "#sbom/sqlite/sqlitePages.ts";
import { tableCells } from "#sbom/sqlite/tableCells.ts";
import type { TableCell, UsedPages } from "#sbom/sqlite/tableCells.ts";
import type { WriteAheadLog } from "#sbom/sqlite/writeAheadLog.ts";

/**
 * The packages of a database with its write-ahead log laid over it, page by page, as SQLite reads them. A row whose overflow
 * pages the log does not touch is known from the database; one that is new has all of its pages in the log.
 */
export const joinLog = (main: ReducedDatabase, log: WriteAheadLog): Pick<ReducedDatabase, "records" | "gaps"> => {
  const pages = overlay(main, log);
  if (pages === undefined) throw new WaybillError("INPUT_INVALID", "a write-ahead log that does not fit its database");
  const faults = createFaultList();
  const walk: SqliteWalk = {
    tree: pages,
    used: new Set(),
    faults,
    records: createRecordList(faults),
    join: createJoiner(),
  };
  const root = findTable(pages, PACKAGES_TABLE, walk.used, faults.note);
  if (root === undefined) faults.note("the database has no table of packages");
  const known = new Map(main.rows.map((row) => [row.overflow, row]));
  const unchanged: RpmRecord[] = [];
  for (const cell of root === undefined ? [] : tableCells(pages, root, walk.used, faults.note)) {
    const row = known.get(cell.overflow);
    if (row !== undefined && takeUnchanged(row, cell, log, walk.used)) unchanged.push(...recordOf(main, row));
    else {
      const read = attemptRow(walk, pages, cell);
      if (read !== undefined) addRow(walk, read);
    }
  }
  return {
    records: [...unchanged, ...(JSON.parse(Buffer.concat(walk.records.json()).toString()) as RpmRecord[])],
    gaps: faults.list(),
  };
};

const recordOf = (main: ReducedDatabase, { record }: ReducedRow): readonly RpmRecord[] =>
  main.records.slice(record ?? 0, record === null ? 0 : record + 1);

// Page 1, which has the header, is in the log or in the database; the log says how many pages there are now.
const overlay = (main: ReducedDatabase, log: WriteAheadLog): SqlitePages | undefined => {
  const kept = unpackPages(main.pages, log.pageSize);
  const page = (number: number): Buffer | undefined =>
    number <= log.pageCount ? (log.pages.get(number) ?? kept.get(number)) : undefined;
  const first = page(1);
  const header = first === undefined ? undefined : readDatabaseHeader(first);
  return header === undefined || header.pageSize !== log.pageSize ? undefined : { ...header, page };
};

/** Takes the overflow pages of a row that is the same as in the database; no page belongs to two rows. */
const takeUnchanged = (row: ReducedRow, cell: TableCell, log: WriteAheadLog, used: UsedPages): boolean => {
  if (cell.overflow === 0 || row.size !== cell.size || row.local !== localDigest(cell)) return false;
  const pages = [...pagesOf(row)];
  if (pages.some((page) => page > log.pageCount || log.pages.has(page) || used.has(page))) return false;
  for (const page of pages) used.add(page);
  return true;
};

function* pagesOf({ runs }: ReducedRow): Generator<number> {
  for (let at = 0; at < runs.length; at += 2) {
    const first = runs[at] ?? 0;
    for (let page = first; page < first + (runs[at + 1] ?? 0); page++) yield page;
  }
}
