import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** A Berkeley DB hash file: headers in overflow pages, small ones within the page where `inline` says so. */
export const hashDatabase = (
  headers: readonly Buffer[],
  { bigEndian = false, inline = false, pageSize = 4096 } = {},
): Buffer => {
  const pages: Buffer[] = [Buffer.alloc(pageSize)];
  const u16 = (page: Buffer, at: number, value: number): unknown =>
    bigEndian ? page.writeUInt16BE(value, at) : page.writeUInt16LE(value, at);
  const u32 = (page: Buffer, at: number, value: number): unknown =>
    bigEndian ? page.writeUInt32BE(value, at) : page.writeUInt32LE(value, at);
  const overflow = (header: Buffer): Buffer => {
    const share = pageSize - 26;
    const item = Buffer.alloc(12, 0);
    item[0] = 3;
    u32(item, 4, pages.length);
    u32(item, 8, header.length);
    for (let at = 0; at < header.length; at += share) {
      const page = Buffer.alloc(pageSize);
      const piece = header.subarray(at, at + share);
      page[25] = 7;
      u32(page, 16, at + share < header.length ? pages.length + 1 : 0);
      u16(page, 22, piece.length);
      piece.copy(page, 26);
      pages.push(page);
    }
    return item;
  };
  const key = (number: number): Buffer => {
    const item = Buffer.alloc(5);
    item[0] = 1;
    u32(item, 1, number);
    return item;
  };
  // Key 0 holds the next package's number.
  const bucket: (readonly [Buffer, Buffer])[] = [[key(0), key(headers.length + 1)]];
  for (const [index, header] of headers.entries())
    bucket.push([key(index + 1), inline ? Buffer.concat([Buffer.of(1), header]) : overflow(header)]);
  pages.push(...hashPages(bucket, pageSize, u16));
  const [first = Buffer.alloc(0)] = pages;
  u32(first, 12, 0x061561);
  u32(first, 16, 9);
  u32(first, 20, pageSize);
  first[25] = 8;
  u32(first, 32, pages.length - 1);
  return Buffer.concat(pages);
};

const hashPages = (
  pairs: readonly (readonly [Buffer, Buffer])[],
  pageSize: number,
  u16: (page: Buffer, at: number, value: number) => unknown,
): readonly Buffer[] => {
  const pages: Buffer[] = [];
  let items = 0;
  let free = 0;
  for (const [key, value] of pairs) {
    let page = pages.at(-1);
    if (page === undefined || free - key.length - value.length < 26 + 2 * (items + 2)) {
      page = Buffer.alloc(pageSize);
      page[25] = 13;
      pages.push(page);
      [items, free] = [0, pageSize];
    }
    for (const item of [key, value]) {
      free -= item.length;
      item.copy(page, free);
      u16(page, 26 + 2 * items++, free);
    }
    u16(page, 20, items);
  }
  return pages;
};

/** An ndb file; a slot of the page is left free between two packages. */
export const ndbDatabase = (headers: readonly Buffer[]): Buffer => {
  const start = Buffer.alloc(4096);
  start.write("RpmP", 0);
  start.writeUInt32LE(1, 12);
  start.writeUInt32LE(headers.length + 1, 16);
  for (let at = 32; at < start.length; at += 16) start.write("Slot", at);
  const blobs: Buffer[] = [];
  let block = start.length / 16;
  for (const [index, header] of headers.entries()) {
    const blob = Buffer.alloc(Math.ceil((16 + header.length + 12) / 16) * 16);
    blob.write("BlbS", 0);
    blob.writeUInt32LE(index + 1, 4);
    blob.writeUInt32LE(header.length, 12);
    header.copy(blob, 16);
    blob.writeUInt32LE(header.length, blob.length - 8);
    blob.write("BlbE", blob.length - 4);
    const slot = 32 + 32 * index;
    start.writeUInt32LE(index + 1, slot + 4);
    start.writeUInt32LE(block, slot + 8);
    start.writeUInt32LE(blob.length / 16, slot + 12);
    blobs.push(blob);
    block += blob.length / 16;
  }
  return Buffer.concat([start, ...blobs]);
};

/** A database file and, where it is not empty, its write-ahead log, as they lie there while the database is open. */
export interface SqliteFiles {
  readonly main: Buffer;
  readonly log: Buffer;
}

/** Runs steps in a new database and takes its files after each; the log is only written into the file by a checkpoint. */
export const sqliteStates = (
  steps: readonly ((database: DatabaseSync) => void)[],
  { pageSize = 4096 } = {},
): readonly SqliteFiles[] => {
  const folder = mkdtempSync(join(tmpdir(), "waybill-sqlite-"));
  const path = join(folder, "rpmdb.sqlite");
  const database = new DatabaseSync(path);
  try {
    database.exec(`PRAGMA page_size = ${pageSize}; PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0`);
    return steps.map((step) => {
      step(database);
      return { main: readFileSync(path), log: readFileSync(`${path}-wal`) };
    });
  } finally {
    database.close();
    rmSync(folder, { recursive: true });
  }
};

export const createPackages = (database: DatabaseSync): void =>
  database.exec("CREATE TABLE Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)");

/** Adds packages and the row of an index, as rpm does. */
export const insertPackages =
  (...headers: readonly Buffer[]) =>
  (database: DatabaseSync): void => {
    const insert = database.prepare("INSERT INTO Packages (blob) VALUES (?)");
    database.exec("BEGIN");
    for (const header of headers) insert.run(header);
    database.exec("COMMIT");
  };

/** What SQLite does by itself after a thousand pages: the log's pages go into the file, and it begins anew. */
export const checkpoint = (database: DatabaseSync): void => database.exec("PRAGMA wal_checkpoint(RESTART)");
