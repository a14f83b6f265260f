import { readVarint } from "#sbom/sqlite/readVarint.ts";
import type { SqlitePages } from "#sbom/sqlite/sqlitePages.ts";

/** One row as it lies in a leaf page of a table's b-tree. */
export interface TableCell {
  readonly rowid: number;
  /** Bytes of the whole row, as announced. */
  readonly size: number;
  /** The part of it that is in the leaf page. */
  readonly local: Buffer;
  /** First page of the rest, 0 where there is none. */
  readonly overflow: number;
}

/** Pages already used. In a sound database each has one place; a second use is a cycle, or a bomb. */
export type UsedPages = Set<number>;

const INTERIOR = 5;
const LEAF = 13;

/**
 * The rows of a table, in key order: b-tree pages of type 5 and 13 (SQLite file format, section 1.6). What is damaged is
 * told to `damaged` and left out; the rest goes on. No page is read twice, so the work is bounded by the file's size.
 */
export function* tableCells(
  pages: SqlitePages,
  root: number,
  used: UsedPages,
  damaged: (reason: string) => void,
): Generator<TableCell> {
  const open: number[] = [];
  const enter = (number: number): void => {
    if (used.has(number)) return damaged(`page ${number} of the database is used twice`);
    used.add(number);
    open.push(number);
  };
  enter(root);
  for (let number = open.pop(); number !== undefined; number = open.pop()) {
    const page = pages.page(number);
    const tree = page && readTreePage(page, number);
    if (page === undefined || tree === undefined) damaged(`page ${number} of the database is missing or damaged`);
    else if (tree.type === LEAF) yield* leafCells(pages, page, number, tree, damaged);
    else for (const child of childrenOf(page, tree, number, damaged).toReversed()) enter(child);
  }
}

interface TreePage {
  readonly type: typeof INTERIOR | typeof LEAF;
  /** Where the array of cell pointers begins. */
  readonly pointers: number;
  readonly cells: number;
}

const readTreePage = (page: Buffer, number: number): TreePage | undefined => {
  const header = number === 1 ? 100 : 0;
  const type = page[header];
  if (type !== INTERIOR && type !== LEAF) return undefined;
  const pointers = header + (type === INTERIOR ? 12 : 8);
  const cells = page.readUInt16BE(header + 3);
  return pointers + 2 * cells <= page.length ? { type, pointers, cells } : undefined;
};

const childrenOf = (
  page: Buffer,
  { pointers, cells }: TreePage,
  number: number,
  damaged: (reason: string) => void,
): readonly number[] => {
  const children: number[] = [];
  for (let index = 0; index < cells; index++) {
    const at = page.readUInt16BE(pointers + 2 * index);
    if (at + 4 <= page.length) children.push(page.readUInt32BE(at));
    else damaged(`page ${number} of the database is damaged`);
  }
  // The child to the right of all keys is in the page's header.
  return [...children, page.readUInt32BE(pointers - 4)];
};

function* leafCells(
  pages: SqlitePages,
  page: Buffer,
  number: number,
  { pointers, cells }: TreePage,
  damaged: (reason: string) => void,
): Generator<TableCell> {
  let taken = 0;
  for (let index = 0; index < cells; index++) {
    const cell = readCell(pages, page, page.readUInt16BE(pointers + 2 * index));
    taken += cell?.local.length ?? 0;
    // Cells that lie over one another would make much out of one page.
    if (cell === undefined || taken > page.length) return damaged(`page ${number} of the database is damaged`);
    yield cell;
  }
}

// Section 1.6, "Cell Payload Overflow Pages", of a table leaf: how much of a row of P bytes is in the page itself.
const readCell = ({ usable }: SqlitePages, page: Buffer, at: number): TableCell | undefined => {
  const size = readVarint(page, at);
  const rowid = size && readVarint(page, size.end);
  if (size === undefined || rowid === undefined || size.value < 0) return undefined;
  const most = usable - 35;
  const least = Math.floor(((usable - 12) * 32) / 255) - 23;
  const share = least + ((size.value - least) % (usable - 4));
  const stored = size.value <= most ? size.value : share <= most ? share : least;
  const end = rowid.end + stored;
  const overflows = stored < size.value;
  if (end + (overflows ? 4 : 0) > usable) return undefined;
  return {
    rowid: rowid.value,
    size: size.value,
    local: page.subarray(rowid.end, end),
    overflow: overflows ? page.readUInt32BE(end) : 0,
  };
};
