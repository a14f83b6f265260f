import type { PostgresClient, PostgresPool, PostgresPoolClient, PostgresQueryResult } from "kysely";
import { WaybillError } from "#core/errors.ts";
import { escapeText, unescapeText } from "#store/escapeText.ts";
import { postgresFailure } from "#store/postgresFailure.ts";

/** A result as `pg` gives it, besides what Kysely asks for. */
interface TypedResult extends PostgresQueryResult<Record<string, unknown>> {
  readonly fields?: readonly { readonly name: string; readonly dataTypeID: number }[];
}

/** What a pool and its connections are besides: an error that nobody listens to ends the process. */
interface ErrorSource {
  readonly on: (event: "error", listener: () => void) => unknown;
}

/** A pool of `pg`, by its shape. */
export type Pool = PostgresPool & ErrorSource;

/** The oid of bigint, which `pg` gives as text. */
const INT8 = 20;

/** The pool with texts and numbers as the records have them, and with failures that tell no values. */
export const postgresPool = (pool: Pool): PostgresPool => {
  ignoreErrors(pool);
  // Kysely knows a connection by its object, and sets it up once.
  const known = new WeakMap<PostgresPoolClient, PostgresPoolClient>();
  return {
    options: pool.options,
    end: () => pool.end(),
    connect: async () => {
      const client = await pool.connect().catch((thrown: unknown) => {
        throw postgresFailure(thrown);
      });
      const found = known.get(client);
      if (found !== undefined) return found;
      ignoreErrors(client);
      const plain = plainClient(client);
      known.set(client, plain);
      return plain;
    },
  };
};

// A connection that breaks while it waits says so here; whoever uses it next, or the pool, finds it broken
// (node-postgres.com/apis/pool, "error"; the pool listens to idle connections only).
const ignoreErrors = (source: object | ErrorSource): void => {
  if ("on" in source) source.on("error", () => undefined);
};

const plainClient = (client: PostgresPoolClient): PostgresPoolClient => {
  const query = async (text: string, parameters: readonly unknown[]): Promise<TypedResult> => {
    try {
      const values = parameters.map((one) => (typeof one === "string" ? escapeText(one) : one));
      const result: TypedResult = await client.query<Record<string, unknown>>(text, values);
      readRows(result);
      return result;
    } catch (thrown) {
      throw postgresFailure(thrown);
    }
  };
  // The other form of a query is that of cursors, which the store does not use.
  return { query: query as PostgresClient["query"], release: (destroy) => client.release(destroy) };
};

const readRows = ({ rows, fields = [] }: TypedResult): void => {
  const numbers = fields.filter((one) => one.dataTypeID === INT8).map((one) => one.name);
  for (const row of rows) {
    for (const name of numbers) row[name] = readNumber(row[name]);
    for (const name in row) {
      const value = row[name];
      if (typeof value === "string") row[name] = unescapeText(value);
    }
  }
};

const readNumber = (value: unknown): number | null => {
  if (value === null) return null;
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  throw new WaybillError("STORE_FAILED", "the store holds a number that is too large");
};
