import { DefaultQueryExecutor, Kysely } from "kysely";
import type { Dialect } from "kysely";
import { WaybillError } from "#core/errors.ts";
import type { SharedRead } from "#store/readBatch.ts";
import type { SqliteConnection } from "#store/sqliteConnection.ts";
import type { Tables } from "#store/tables.ts";

/**
 * Reads without Kysely's own transactions, whose many promises take longer than SQLite does for the queries between them.
 * Queries see one moment, as sqlite.org/isolation.html says of a transaction, and are refused once their work is over. Nobody
 * else uses the connection until the last of the works has ended.
 */
export const sqliteReader = (connection: SqliteConnection, dialect: Dialect): (() => SharedRead) => {
  const lend = lenderOf(connection, dialect);
  return () => {
    let begun = false;
    const giveUp = (): void => {
      begun = false;
      connection.rollback();
    };
    return {
      run: async (work) => {
        if (!begun) connection.begin("read");
        begun = true;
        try {
          const value = await lend(work);
          connection.demandWhole();
          return value;
        } catch (thrown) {
          // The next one has a transaction of its own: what went wrong in this one is no matter of his.
          giveUp();
          throw thrown;
        }
      },
      end: () => {
        if (!begun) return;
        try {
          connection.commit();
        } catch (thrown) {
          // Left open, it would be in the way of every transaction to come.
          giveUp();
          throw thrown;
        }
      },
    };
  };
};

const lenderOf = (connection: SqliteConnection, dialect: Dialect) => {
  const compiler = dialect.createQueryCompiler();
  const adapter = dialect.createAdapter();
  const driver = dialect.createDriver();
  const config = { dialect };
  return async <T>(work: (db: Kysely<Tables>) => Promise<T>): Promise<T> => {
    let open = true;
    const executor = new DefaultQueryExecutor(compiler, adapter, {
      provideConnection: async (consumer) => {
        if (!open) throw new WaybillError("INTERNAL", "the transaction of these records is committed already");
        return consumer(connection);
      },
    });
    try {
      return await work(new Kysely<Tables>({ config, dialect, driver, executor }));
    } finally {
      open = false;
    }
  };
};
