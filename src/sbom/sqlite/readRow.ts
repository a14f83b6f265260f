import { WaybillError } from "#core/errors.ts";
import type { JoinPieces } from "#sbom/joinPieces.ts";
import type { SqlitePages } from "#sbom/sqlite/sqlitePages.ts";
import type { TableCell, UsedPages } from "#sbom/sqlite/tableCells.ts";

/** A row's bytes with those of its overflow pages. */
export interface Row {
  /** Valid until the next row is read with the same joiner. */
  readonly bytes: Buffer;
  readonly overflowPages: readonly number[];
}

/** Puts a row together. Throws INPUT_INVALID where its chain of overflow pages ends early, or comes to a page in use. */
export const readRow = (
  pages: SqlitePages,
  cell: TableCell,
  used: UsedPages,
  join: JoinPieces = (pieces) => Buffer.concat(pieces),
): Row => {
  const parts = [cell.local];
  const overflowPages: number[] = [];
  let left = cell.size - cell.local.length;
  for (let next = cell.overflow; left > 0;) {
    const page = used.has(next) ? undefined : pages.page(next);
    if (page === undefined)
      throw new WaybillError("INPUT_INVALID", `page ${next} of the database is missing or used twice`);
    used.add(next);
    overflowPages.push(next);
    const length = Math.min(left, pages.usable - 4);
    parts.push(page.subarray(4, 4 + length));
    left -= length;
    next = page.readUInt32BE(0);
  }
  return { bytes: parts.length === 1 ? cell.local : join(parts), overflowPages };
};
