import { DefaultQueryExecutor, Kysely } from "kysely";
import type { Dialect } from "kysely";
import { WaybillError } from "#core/errors.ts";
import type { SqliteConnection } from "#store/sqliteConnection.ts";
import type { Tables } from "#store/tables.ts";

/** Runs work in a read transaction; who calls it waits for its end before anybody else uses the connection. */
type SqliteReader = <T>(work: (db: Kysely<Tables>) => Promise<T>) => Promise<T>;

/**
 * Reads without Kysely's own transactions, whose many promises take longer than SQLite does for the queries between them.
 * Queries see one moment, as sqlite.org/isolation.html says of a transaction, and are refused once it is over.
 */
export const sqliteReader = (connection: SqliteConnection, dialect: Dialect): SqliteReader => {
  const compiler = dialect.createQueryCompiler();
  const adapter = dialect.createAdapter();
  const config = { dialect };
  const driver = dialect.createDriver();
  return async (work) => {
    let open = true;
    const executor = new DefaultQueryExecutor(compiler, adapter, {
      provideConnection: async (consumer) => {
        if (!open) throw new WaybillError("INTERNAL", "the transaction of these records is committed already");
        return consumer(connection);
      },
    });
    connection.begin("read");
    try {
      const value = await work(new Kysely<Tables>({ config, dialect, driver, executor }));
      connection.commit();
      return value;
    } catch (thrown) {
      connection.rollback();
      throw thrown;
    } finally {
      open = false;
    }
  };
};
