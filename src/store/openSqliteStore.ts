import { mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Kysely, sql } from "kysely";
import { WaybillError } from "#core/errors.ts";
import { migrate } from "#store/migrate.ts";
import type { DialectWords } from "#store/migration/migration.ts";
import type { OpenStore } from "#store/openStore.ts";
import { createReadBatch } from "#store/readBatch.ts";
import type { SharedRead } from "#store/readBatch.ts";
import { sqliteConnection } from "#store/sqliteConnection.ts";
import { sqliteDialect } from "#store/sqliteDialect.ts";
import { sqliteFailure } from "#store/sqliteFailure.ts";
import { sqliteReader } from "#store/sqliteReader.ts";
import { storeOver } from "#store/storeOver.ts";
import type { StoreAccess } from "#store/storeOver.ts";
import type { Tables } from "#store/tables.ts";
import { createQueue } from "#store/transact.ts";

const IN_MEMORY = ":memory:";
const WORDS: DialectWords = { text: "text", integer: "integer", bytes: "blob", tableEnd: " strict" };
/** How long another process may keep this one waiting while it opens, milliseconds: that waiting blocks, and is once. */
const BUSY_MS = 2000;
/** The same for each statement of an open store; transactions wait for the lock in `awaitLock`. */
const BUSY_STATEMENT_MS = 10;

/**
 * Opens the SQLite database at `file`, or makes it: its directory for its owner only, as the file. `:memory:` keeps nothing.
 * Errors: STORE_FAILED, also for a database of a newer version.
 */
export const openSqliteStore = async ({ file }: { readonly file: string }): Promise<OpenStore> => {
  const database = await openDatabase(file);
  const connection = sqliteConnection(database);
  const dialect = sqliteDialect(database, connection);
  const db = new Kysely<Tables>({ dialect });
  try {
    configure(database, file);
    await db.transaction().execute((inner) => migrate(inner, WORDS, Date.now()));
    database.exec(`pragma busy_timeout = ${BUSY_STATEMENT_MS}`);
  } catch (thrown) {
    database.close();
    throw sqliteFailure(thrown);
  }
  return storeOver(accessTo(db, sqliteReader(connection, dialect)));
};

const openDatabase = async (file: string): Promise<DatabaseSync> => {
  if (file !== IN_MEMORY) await createFile(file);
  try {
    return new DatabaseSync(file, { timeout: BUSY_MS, enableForeignKeyConstraints: true });
  } catch (thrown) {
    throw sqliteFailure(thrown);
  }
};

// SQLite would make the file, its log and its index readable to whoever the umask allows; they take the rights of the file.
const createFile = async (file: string): Promise<void> => {
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const handle = await open(file, "a", 0o600);
    await handle.close();
  } catch (cause) {
    throw new WaybillError("STORE_FAILED", `${file}: the store's file cannot be opened or made`, { cause });
  }
};

const configure = (database: DatabaseSync, file: string): void => {
  const mode = database.prepare("pragma journal_mode = wal").get()?.["journal_mode"];
  // On some network file systems there is no shared memory, and SQLite silently keeps its old journal (sqlite.org/wal.html).
  if (mode !== "wal" && file !== IN_MEMORY)
    throw new WaybillError("STORE_FAILED", `${file}: the file system does not support a write-ahead log`, {
      hint: "Put the store on a local disk.",
    });
  // FULL: a commit that was acknowledged is on the disk, also when the power fails.
  database.exec("pragma synchronous = full; pragma trusted_schema = off");
};

/** One connection: readers and writers wait for each other. */
const accessTo = (db: Kysely<Tables>, beginRead: () => SharedRead): StoreAccess => {
  const inTurn = createQueue();
  const read = createReadBatch(inTurn, beginRead);
  return {
    read: (ctx, work) =>
      read((lent) => {
        ctx.signal.throwIfAborted();
        return work(lent);
      }),
    write: (ctx, work) =>
      inTurn(() => {
        ctx.signal.throwIfAborted();
        return db.transaction().execute(work);
      }),
    inspect,
    close: () => inTurn(() => db.destroy()),
  };
};

const inspect = async (db: Kysely<Tables>): Promise<readonly string[]> => {
  const integrity = await sql<{ readonly integrity_check: string }>`pragma integrity_check(100)`.execute(db);
  const keys = await sql<{ readonly table: string; readonly parent: string }>`pragma foreign_key_check`.execute(db);
  return [
    ...integrity.rows.map((row) => row.integrity_check).filter((text) => text !== "ok"),
    ...keys.rows.slice(0, 100).map(({ table, parent }) => `a row of ${table} belongs to none of ${parent}`),
  ];
};
