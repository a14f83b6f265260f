import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { CompiledQuery, SelectQueryNode } from "kysely";
import type { DatabaseConnection, QueryResult } from "kysely";
import { WaybillError } from "#core/errors.ts";
import { escapeText, unescapeText } from "#store/escapeText.ts";
import { sqliteFailure } from "#store/sqliteFailure.ts";

/** More different statements than the queries have; a bound, should one ever be made of input. */
const MAX_STATEMENTS = 500;

/** The one connection of a database, and the one transaction that it may be in. */
export interface SqliteConnection extends DatabaseConnection {
  /** One that may write takes the lock when it begins, so that none ends half-way with BUSY. */
  readonly begin: (access: "read" | "write") => void;
  /** STORE_FAILED where a statement of the transaction failed. */
  readonly demandWhole: () => void;
  /** The same, and ends it. */
  readonly commit: () => void;
  readonly rollback: () => void;
}

/** What one transaction may do, and whether it may still be committed. */
interface Turn {
  readOnly: boolean;
  failed: boolean;
}

export const sqliteConnection = (database: DatabaseSync): SqliteConnection => {
  const prepare = createStatements(database);
  const turn: Turn = { readOnly: false, failed: false };
  const run = ({ sql, parameters }: CompiledQuery): QueryResult<unknown> => {
    try {
      return execute(prepare(sql), parameters);
    } catch (thrown) {
      turn.failed = true;
      throw sqliteFailure(thrown);
    }
  };
  const demandWhole = (): void => {
    // A work that swallowed a failure would commit the half that went well; PostgreSQL refuses that by itself.
    if (turn.failed) throw new WaybillError("STORE_FAILED", "a statement failed, so nothing of its work is kept");
  };
  return {
    begin: (access) => {
      Object.assign(turn, { readOnly: access === "read", failed: false });
      run(access === "read" ? BEGIN : BEGIN_WRITING);
    },
    demandWhole,
    commit: () => {
      turn.readOnly = false;
      demandWhole();
      run(COMMIT);
    },
    rollback: () => {
      turn.readOnly = false;
      // A full disk or a failed read has ended the transaction already (sqlite.org/lang_transaction.html, 3.1).
      if (database.isTransaction) run(ROLLBACK);
    },
    executeQuery: async <R>(query: CompiledQuery): Promise<QueryResult<R>> => {
      if (turn.readOnly && !SelectQueryNode.is(query.query) && query.query.kind !== "RawNode")
        throw new WaybillError("INTERNAL", "a read of the store may not change anything");
      return run(query) as QueryResult<R>;
    },
    streamQuery: () => {
      throw new WaybillError("INTERNAL", "the store does not stream");
    },
  };
};

const BEGIN = CompiledQuery.raw("begin");
const BEGIN_WRITING = CompiledQuery.raw("begin immediate");
const COMMIT = CompiledQuery.raw("commit");
const ROLLBACK = CompiledQuery.raw("rollback");

interface Prepared {
  readonly statement: StatementSync;
  /** Of what it gives; none for a statement that only changes something. */
  readonly columns: readonly string[];
}

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

const execute = ({ statement, columns }: Prepared, parameters: readonly unknown[]): QueryResult<unknown> => {
  const values = parameters.map(toValue);
  if (columns.length > 0) {
    const rows: readonly unknown[] = statement.all(...values);
    return { rows: rows.map((row) => readRow(columns, row as readonly unknown[])) };
  }
  return { numAffectedRows: BigInt(statement.run(...values).changes), rows: [] };
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
