import { WaybillError } from "#core/errors.ts";

/** The pages of one SQLite database, wherever they come from. */
export interface SqlitePages {
  /** A power of two from 512 to 65,536. */
  readonly pageSize: number;
  /** Bytes of each page that SQLite uses; the rest belongs to an extension. */
  readonly usable: number;
  readonly encoding: "utf8" | "utf16le" | "utf16be";
  /** The page of a number from 1 on, whole, or undefined where it is not there. */
  readonly page: (number: number) => Buffer | undefined;
}

const MAGIC = "SQLite format 3\0";
const HEADER = 100;
const ENCODINGS = ["utf8", "utf8", "utf16le", "utf16be"] as const;

/** Reads the header that opens page 1 (SQLite file format, section 1.3). Throws INPUT_INVALID. */
export const readDatabaseHeader = (first: Buffer): Omit<SqlitePages, "page"> => {
  if (first.length < HEADER || first.toString("latin1", 0, 16) !== MAGIC)
    throw new WaybillError("INPUT_INVALID", "no SQLite database");
  const stated = first.readUInt16BE(16);
  // 65,536 does not fit into the field.
  const pageSize = stated === 1 ? 65_536 : stated;
  const usable = pageSize - (first[20] ?? 0);
  const encoding = ENCODINGS[first.readUInt32BE(56)];
  if (!isPageSize(pageSize) || usable < 480 || encoding === undefined)
    throw new WaybillError("INPUT_INVALID", "an SQLite database with an impossible header");
  return { pageSize, usable, encoding };
};

export const isPageSize = (size: number): boolean => size >= 512 && size <= 65_536 && (size & (size - 1)) === 0;

/** The pages of a database file; the last one counts only when it is whole. Throws INPUT_INVALID. */
export const openPages = (file: Buffer): SqlitePages => {
  const header = readDatabaseHeader(file);
  const { pageSize } = header;
  const count = Math.floor(file.length / pageSize);
  const page = (number: number): Buffer | undefined =>
    number >= 1 && number <= count ? file.subarray((number - 1) * pageSize, number * pageSize) : undefined;
  return { ...header, page };
};
