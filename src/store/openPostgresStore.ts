import { AbortedTransactionError, CompiledQuery, Kysely, PostgresDialect, sql } from "kysely";
import type { DatabaseConnection, TransactionBuilder } from "kysely";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import { migrate } from "#store/migrate.ts";
import type { DialectWords } from "#store/migration/migration.ts";
import type { OpenStore } from "#store/openStore.ts";
import { postgresPool } from "#store/postgresPool.ts";
import type { Pool } from "#store/postgresPool.ts";
import { storeOver } from "#store/storeOver.ts";
import type { StoreAccess } from "#store/storeOver.ts";
import type { Tables } from "#store/tables.ts";
import { createQueue } from "#store/transact.ts";

const WORDS: DialectWords = { text: `text collate "C"`, integer: "bigint", bytes: "bytea", tableEnd: "" };
/** "waybill" as ASCII: the lock that every writer of the database takes. */
const WRITE_LOCK = "33602696198581356";
const LIMITS = [
  "set lock_timeout = '20s'",
  "set statement_timeout = '60s'",
  "set idle_in_transaction_session_timeout = '60s'",
];

/**
 * The store in a PostgreSQL 15 database or later, which keeps text as UTF-8. `pool` is one of `pg`; closing the store ends it.
 * Errors: STORE_FAILED, also for a database of a newer version.
 */
export const openPostgresStore = async (ctx: Ctx, { pool }: { readonly pool: Pool }): Promise<OpenStore> => {
  const dialect = new PostgresDialect({ pool: postgresPool(pool), onCreateConnection: setLimits });
  const db = new Kysely<Tables>({ dialect });
  const access = accessTo(db);
  try {
    await access.write(ctx, async (inner) => {
      await refuseOtherEncodings(inner);
      await migrate(inner, WORDS, Date.now());
    });
  } catch (thrown) {
    await access.close();
    throw thrown;
  }
  return storeOver(access);
};

const setLimits = async (connection: DatabaseConnection): Promise<void> => {
  for (const text of LIMITS) await connection.executeQuery(CompiledQuery.raw(text));
};

const refuseOtherEncodings = async (db: Kysely<Tables>): Promise<void> => {
  const { rows } = await sql<{ readonly server_encoding: string }>`show server_encoding`.execute(db);
  if (rows[0]?.server_encoding === "UTF8") return;
  throw new WaybillError("STORE_FAILED", "the database does not keep text as UTF-8", {
    hint: "Create it with: create database NAME encoding 'UTF8' template template0.",
  });
};

const accessTo = (db: Kysely<Tables>): StoreAccess => {
  // Waiting for the lock takes a connection: the writers of one process need no more than one, and leave the others to readers.
  const inTurn = createQueue();
  return {
    read: (ctx, work) => {
      ctx.signal.throwIfAborted();
      // One moment for all queries of the work (postgresql.org/docs/15/transaction-iso.html, 13.2.2).
      return commit(db.transaction().setIsolationLevel("repeatable read").setAccessMode("read only"), work);
    },
    write: (ctx, work) =>
      inTurn(() => {
        ctx.signal.throwIfAborted();
        return commit(db.transaction().setIsolationLevel("read committed"), async (inner) => {
          // Each later statement sees what the writers before have committed, so none must be repeated.
          await sql`select pg_advisory_xact_lock(${sql.lit(WRITE_LOCK)}::bigint)`.execute(inner);
          return work(inner);
        });
      }),
    inspect: async () => [],
    close: () => inTurn(() => db.destroy()),
  };
};

const commit = async <T>(
  transaction: TransactionBuilder<Tables>,
  work: (db: Kysely<Tables>) => Promise<T>,
): Promise<T> => {
  try {
    return await transaction.execute(work);
  } catch (thrown) {
    if (!(thrown instanceof AbortedTransactionError)) throw thrown;
    throw new WaybillError("STORE_FAILED", "a statement failed, so nothing of its work is kept", { cause: thrown });
  }
};
