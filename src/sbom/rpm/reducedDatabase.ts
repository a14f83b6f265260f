import { WaybillError } from "#core/errors.ts";
import type { RpmRecord } from "#sbom/rpm/rpmRecord.ts";

/** What is kept of a database file: its packages, and of SQLite what it takes to lay a write-ahead log over it. */
export interface ReducedDatabase {
  readonly records: readonly RpmRecord[];
  /** What could not be read of it. */
  readonly gaps: readonly string[];
  /** Rows of SQLite that go on in overflow pages, which themselves are not kept. */
  readonly rows: readonly ReducedRow[];
  /** Pages of SQLite's schema and of the table's b-tree, packed; empty for other formats. */
  readonly pages: Buffer;
}

export interface ReducedRow {
  /** First overflow page, size and part in the leaf (its SHA-256) tell whether a row is still the same. */
  readonly overflow: number;
  readonly size: number;
  readonly local: string;
  /** Overflow pages, as pairs of a first one and how many follow one another. */
  readonly runs: readonly number[];
  /** Its package; null for a key. Rows that could not be read are not here. */
  readonly record: number | null;
}

const LENGTH = 4;

/** `records` are the pieces of a JSON array. */
export const writeReduced = (
  records: readonly Uint8Array[],
  gaps: readonly string[],
  rows: readonly ReducedRow[] = [],
  pages: readonly Uint8Array[] = [],
): Uint8Array => {
  const end = Buffer.from(`,"gaps":${JSON.stringify(gaps)},"rows":${JSON.stringify(rows)}}`);
  const facts = [Buffer.from('{"records":'), ...records, end];
  const length = Buffer.alloc(LENGTH);
  length.writeUInt32BE(facts.reduce((size, piece) => size + piece.length, 0));
  return Buffer.concat([length, ...facts, ...pages]);
};

/** Reads what `writeReduced` wrote. Throws INPUT_INVALID for anything else. */
export const readReduced = (bytes: Uint8Array): ReducedDatabase => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const end = LENGTH + buffer.readUInt32BE(0);
    const facts = JSON.parse(buffer.toString("utf8", LENGTH, end)) as Omit<ReducedDatabase, "pages">;
    return { ...facts, pages: buffer.subarray(end) };
  } catch (cause) {
    throw new WaybillError("INPUT_INVALID", "no facts of an rpm database", { cause });
  }
};
