import type { DatabaseSync } from "node:sqlite";
import { SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from "kysely";
import type { Dialect, Driver } from "kysely";
import { awaitLock } from "#store/awaitLock.ts";
import type { SqliteConnection } from "#store/sqliteConnection.ts";

/** Kysely over one connection of node:sqlite; destroying it closes the database. */
export const sqliteDialect = (database: DatabaseSync, connection: SqliteConnection): Dialect => ({
  createAdapter: () => new SqliteAdapter(),
  createDriver: () => createDriver(database, connection),
  createIntrospector: (db) => new SqliteIntrospector(db),
  createQueryCompiler: () => new SqliteQueryCompiler(),
});

const createDriver = (database: DatabaseSync, connection: SqliteConnection): Driver => ({
  init: async () => {},
  acquireConnection: async () => connection,
  beginTransaction: (_, { accessMode }) =>
    awaitLock(() => connection.begin(accessMode === "read only" ? "read" : "write")),
  commitTransaction: async () => connection.commit(),
  rollbackTransaction: async () => connection.rollback(),
  releaseConnection: async () => {},
  destroy: async () => database.close(),
});
