import { createHash } from "node:crypto";
import { WaybillError } from "#core/errors.ts";
import { createJoiner } from "#sbom/joinPieces.ts";
import type { JoinPieces } from "#sbom/joinPieces.ts";
import { createFaultList } from "#sbom/rpm/faultList.ts";
import type { FaultList } from "#sbom/rpm/faultList.ts";
import { createRecordList } from "#sbom/rpm/recordList.ts";
import type { RecordList } from "#sbom/rpm/recordList.ts";
import { writeReduced } from "#sbom/rpm/reducedDatabase.ts";
import type { ReducedRow } from "#sbom/rpm/reducedDatabase.ts";
import { findTable } from "#sbom/sqlite/findTable.ts";
import { packPages } from "#sbom/sqlite/packedPages.ts";
import { readRow } from "#sbom/sqlite/readRow.ts";
import type { Row } from "#sbom/sqlite/readRow.ts";
import { readValues } from "#sbom/sqlite/readValues.ts";
import { openPages } from "#sbom/sqlite/sqlitePages.ts";
import type { SqlitePages } from "#sbom/sqlite/sqlitePages.ts";
import { tableCells } from "#sbom/sqlite/tableCells.ts";
import type { TableCell, UsedPages } from "#sbom/sqlite/tableCells.ts";

// Pages of b-trees are a tenth of a database: most of a header lies in overflow pages. Over more no log can be laid.
const MAX_TREE = 32 * 1024 * 1024;

/** Where rpm keeps its packages: `CREATE TABLE Packages (hnum INTEGER PRIMARY KEY, blob BLOB)`. */
export const PACKAGES_TABLE = "Packages";

/** What one walk through a database shares. */
export interface SqliteWalk {
  /** Of b-trees, the pages of which may be watched. */
  readonly tree: SqlitePages;
  readonly used: UsedPages;
  readonly faults: FaultList;
  readonly records: RecordList;
  readonly join: JoinPieces;
}

/**
 * Reduces rpmdb.sqlite to the facts of its packages. The file itself is not kept; a write-ahead log, which may come from a
 * later layer, is laid over the pages of the b-tree alone (`joinLog.ts`). Throws INPUT_INVALID for what is no database.
 */
export const reduceSqlite = (file: Buffer): Uint8Array => {
  const pages = openPages(file);
  const kept = new Map<number, Buffer>();
  const tree: SqlitePages = { ...pages, page: (number) => keepPage(kept, number, pages.page(number)) };
  const faults = createFaultList();
  const walk: SqliteWalk = { tree, used: new Set(), faults, records: createRecordList(faults), join: createJoiner() };
  const root = findTable(tree, PACKAGES_TABLE, walk.used, faults.note);
  if (root === undefined) faults.note("the database has no table of packages");
  const rows: ReducedRow[] = [];
  for (const cell of root === undefined ? [] : tableCells(tree, root, walk.used, faults.note)) {
    const reduced = reduceRow(walk, pages, cell);
    if (reduced !== undefined) rows.push(reduced);
  }
  return writeReduced(walk.records.json(), faults.list(), rows, packPages(kept));
};

const keepPage = (kept: Map<number, Buffer>, number: number, page: Buffer | undefined): Buffer | undefined => {
  if (page !== undefined && (kept.size + 1) * page.length <= MAX_TREE) kept.set(number, page);
  return page;
};

const reduceRow = (walk: SqliteWalk, pages: SqlitePages, cell: TableCell): ReducedRow | undefined => {
  const row = attemptRow(walk, pages, cell);
  const place = row === undefined ? "refused" : addRow(walk, row);
  if (row === undefined || place === "refused" || cell.overflow === 0) return undefined;
  const { overflow, size } = cell;
  const record = place === "key" ? null : place;
  return { overflow, size, local: localDigest(cell), runs: runsOf(row.overflowPages), record };
};

/** A row, or undefined for one that is damaged, told to the faults. */
export const attemptRow = (
  { used, faults, join }: SqliteWalk,
  pages: SqlitePages,
  cell: TableCell,
): Row | undefined => {
  try {
    return readRow(pages, cell, used, join);
  } catch (thrown) {
    if (!(thrown instanceof WaybillError)) throw thrown;
    faults.note(thrown.message);
    return undefined;
  }
};

/** Takes a row's header into the records and answers with its place there. */
export const addRow = ({ tree, faults, records }: SqliteWalk, row: Row): number | "key" | "refused" => {
  try {
    const [, header] = readValues(row.bytes, tree.encoding);
    if (Buffer.isBuffer(header)) return records.add(header);
    faults.note("a row of the database holds no package");
  } catch (thrown) {
    if (!(thrown instanceof WaybillError)) throw thrown;
    faults.note(thrown.message);
  }
  return "refused";
};

export const localDigest = ({ local }: TableCell): string => createHash("sha256").update(local).digest("base64url");

const runsOf = (pages: readonly number[]): readonly number[] => {
  const runs: number[] = [];
  for (const [index, page] of pages.entries()) {
    const follows = index > 0 && page === (pages[index - 1] ?? 0) + 1;
    if (follows) runs[runs.length - 1] = (runs.at(-1) ?? 0) + 1;
    else runs.push(page, 1);
  }
  return runs;
};
