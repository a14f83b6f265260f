import { readRow } from "#sbom/sqlite/readRow.ts";
import { readValues } from "#sbom/sqlite/readValues.ts";
import type { SqlitePages } from "#sbom/sqlite/sqlitePages.ts";
import { tableCells } from "#sbom/sqlite/tableCells.ts";
import type { UsedPages } from "#sbom/sqlite/tableCells.ts";

/**
 * The root page of a table (SQLite file format, section 2.6, "Storage Of The SQL Database Schema"), or undefined where
 * there is none of this name. Throws INPUT_INVALID for a schema that cannot be read.
 */
export const findTable = (
  pages: SqlitePages,
  name: string,
  used: UsedPages,
  damaged: (reason: string) => void,
): number | undefined => {
  for (const cell of tableCells(pages, 1, used, damaged)) {
    const [type, , table, root] = readValues(readRow(pages, cell, used).bytes, pages.encoding);
    if (type === "table" && table === name && typeof root === "number") return root;
  }
  return undefined;
};
