import { WaybillError } from "#core/errors.ts";
import { readVarint } from "#sbom/sqlite/readVarint.ts";
import type { SqlitePages } from "#sbom/sqlite/sqlitePages.ts";

export type SqliteValue = null | number | bigint | string | Buffer;

// SQLite's own limit, SQLITE_MAX_COLUMN as far as it can be raised.
const MAX_COLUMNS = 32_767;
// Of serial types 1 to 6, in bytes.
const INTEGERS = [0, 1, 2, 3, 4, 6, 8];

/**
 * The columns of a row (SQLite file format, section 2.1, "Record Format"). An INTEGER PRIMARY KEY is null here: it is the
 * row's id. Throws INPUT_INVALID.
 */
export const readValues = (row: Buffer, encoding: SqlitePages["encoding"]): readonly SqliteValue[] => {
  const header = readVarint(row, 0);
  if (header === undefined || header.value < header.end || header.value > row.length) throw damaged();
  const values: SqliteValue[] = [];
  let at = header.value;
  for (let next = header.end; next < header.value;) {
    const type = readVarint(row, next);
    if (type === undefined || type.value < 0 || values.length >= MAX_COLUMNS) throw damaged();
    const length = lengthOf(type.value);
    if (at + length > row.length) throw damaged();
    values.push(readValue(row.subarray(at, at + length), type.value, encoding));
    next = type.end;
    at += length;
  }
  return values;
};

const lengthOf = (type: number): number => {
  if (type >= 12) return Math.floor((type - 12) / 2);
  return type === 7 ? 8 : (INTEGERS[type] ?? 0);
};

const readValue = (bytes: Buffer, type: number, encoding: SqlitePages["encoding"]): SqliteValue => {
  if (type >= 12) return type % 2 === 0 ? bytes : decode(bytes, encoding);
  if (type === 0) return null;
  if (type === 7) return bytes.readDoubleBE(0);
  if (type === 8 || type === 9) return type - 8;
  if (type === 6) return exactly(bytes.readBigInt64BE(0));
  // 10 and 11 are never in a file.
  if (bytes.length === 0) throw damaged();
  return bytes.readIntBE(0, bytes.length);
};

const exactly = (value: bigint): number | bigint => (Number.isSafeInteger(Number(value)) ? Number(value) : value);

const decode = (bytes: Buffer, encoding: SqlitePages["encoding"]): string => {
  if (encoding !== "utf16be") return bytes.toString(encoding);
  return Buffer.from(bytes.subarray(0, bytes.length & ~1))
    .swap16()
    .toString("utf16le");
};

const damaged = (): WaybillError => new WaybillError("INPUT_INVALID", "a row of the database is damaged");
