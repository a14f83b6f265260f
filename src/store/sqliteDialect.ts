import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { CompiledQuery, SelectQueryNode, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from "kysely";
import type { DatabaseConnection, Dialect, Driver, QueryResult } from "kysely";
import { WaybillError } from "#core/errors.ts";
import { escapeText, unescapeText } from "#store/escapeText.ts";
import { sqliteFailure } from "#store/sqliteFailure.ts";

/** More different statements than the queries have; a bound, should one ever be made of input. */
const MAX_STATEMENTS = 500;

/** Kysely over one connection of node:sqlite. Transactions that may write take the lock when they begin, so that none ends half-way with BUSY. */
export const sqliteDialect = (database: DatabaseSync): Dialect => ({
  createAdapter: () => new SqliteAdapter(),
  createDriver: () => createDriver(database),
  createIntrospector: (db) => new SqliteIntrospector(db),
  createQueryCompiler: () => new SqliteQueryCompiler(),
});

/** What one transaction may do, and whether it may still be committed. */
interface Turn {
  readOnly: boolean;
  failed: boolean;
}

const createDriver = (database: DatabaseSync): Driver => {
  const turn: Turn = { readOnly: false, failed: false };
  const connection = createConnection(database, turn);
  const run = async (text: string): Promise<void> => {
    await connection.executeQuery(CompiledQuery.raw(text));
  };
  return {
    init: async () => {},
    acquireConnection: async () => connection,
    beginTransaction: async (_, { accessMode }) => {
      Object.assign(turn, { readOnly: false, failed: false });
      await run(accessMode === "read only" ? "begin" : "begin immediate");
      turn.readOnly = accessMode === "read only";
    },
    commitTransaction: async () => {
      turn.readOnly = false;
      // A work that swallowed a failure would commit the half that went well; PostgreSQL refuses that by itself.
      if (turn.failed) throw new WaybillError("STORE_FAILED", "a statement failed, so nothing of its work is kept");
      await run("commit");
    },
    rollbackTransaction: async () => {
      turn.readOnly = false;
      // A full disk or a failed read has ended the transaction already (sqlite.org/lang_transaction.html, 3.1).
      if (database.isTransaction) await run("rollback");
    },
    releaseConnection: async () => {},
    destroy: async () => database.close(),
  };
};

interface Prepared {
  readonly statement: StatementSync;
  /** Of what it gives; none for a statement that only changes something. */
  readonly columns: readonly string[];
}

const createConnection = (database: DatabaseSync, turn: Turn): DatabaseConnection => {
  const prepare = createStatements(database);
  const execute = (query: CompiledQuery): QueryResult<unknown> => {
    const { statement, columns } = prepare(query.sql);
    const values = query.parameters.map(toValue);
    if (columns.length > 0) {
      const rows: readonly unknown[] = statement.all(...values);
      return { rows: rows.map((row) => readRow(columns, row as readonly unknown[])) };
    }
    return { numAffectedRows: BigInt(statement.run(...values).changes), rows: [] };
  };
  return {
    executeQuery: async <R>(query: CompiledQuery): Promise<QueryResult<R>> => {
      if (turn.readOnly && !SelectQueryNode.is(query.query) && query.query.kind !== "RawNode")
        throw new WaybillError("INTERNAL", "a read of the store may not change anything");
      try {
        return execute(query) as QueryResult<R>;
      } catch (thrown) {
        turn.failed = true;
        throw sqliteFailure(thrown);
      }
    },
    streamQuery: () => {
      throw new WaybillError("INTERNAL", "the store does not stream");
    },
  };
};

// Preparing costs more than running most of these statements.
const createStatements = (database: DatabaseSync): ((text: string) => Prepared) => {
  const known = new Map<string, Prepared>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const statement = database.prepare(text);
    // Rows as arrays: SQLite's own objects take a quarter longer.
    statement.setReturnArrays(true);
    const prepared = { statement, columns: statement.columns().map((one) => one.name) };
    if (known.size >= MAX_STATEMENTS) known.clear();
    known.set(text, prepared);
    return prepared;
  };
};

const toValue = (value: unknown): SQLInputValue =>
  typeof value === "string" ? escapeText(value) : (value as SQLInputValue);

const readRow = (columns: readonly string[], values: readonly unknown[]): Record<string, unknown> => {
  const row: Record<string, unknown> = {};
  for (let at = 0; at < columns.length; at++) {
    const value = values[at];
    row[columns[at] ?? ""] = typeof value === "string" ? unescapeText(value) : value;
  }
  return row;
};
