import { fail } from "node:assert/strict";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { digestOf } from "#core/digest.ts";
import { openPostgresStore } from "#store/openPostgresStore.ts";
import type { OpenStore } from "#store/openStore.ts";
import type { Pool } from "#store/postgresPool.ts";
import { LIST_QUERIES, OTHER_QUERIES } from "../contract/recordStoreQueries.ts";
import { testCtx } from "../fakes/testCtx.ts";
import { startPostgres } from "./postgresServer.ts";
import type { PostgresServer } from "./postgresServer.ts";

interface Asked {
  readonly text: string;
  readonly values: readonly unknown[];
}

const ROWS = 20_000;
const ctx = testCtx();
const asked: Asked[] = [];
let server: PostgresServer;
let store: OpenStore;
let pool: Pool;

beforeAll(async () => {
  server = await startPostgres();
  pool = await server.openPool("plans");
  store = await openPostgresStore(ctx, { pool: recording(await server.openPool("plans")) });
  for (const statement of FILL) await run(statement);
});
afterAll(async () => {
  await store.close();
  await pool.end();
  await server[Symbol.asyncDispose]();
});

/** The pool, noting what is asked through it. */
const recording = (inner: Pool): Pool => ({
  options: inner.options,
  end: () => inner.end(),
  on: (event, listener) => inner.on(event, listener),
  connect: async () => {
    const client = await inner.connect();
    const query = (text: string, values: readonly unknown[]): Promise<unknown> => {
      asked.push({ text, values });
      return client.query(text, values);
    };
    return { query: query as typeof client.query, release: (destroy) => client.release(destroy) };
  },
});

const run = async (text: string, values: readonly unknown[] = []): Promise<readonly Record<string, unknown>[]> => {
  const client = await pool.connect();
  try {
    return (await client.query<Record<string, unknown>>(text, values)).rows;
  } finally {
    client.release();
  }
};

const series = `generate_series(1, ${ROWS}) n`;
const row = `lpad(n::text, 8, '0')`;
const image = `'sha256:' || encode(sha256(n::text::bytea), 'hex')`;
const state = `case n % 50 when 0 then 'failed' else 'done' end`;

// Few rows are read whole whatever the indexes are, so each table has many.
const FILL = [
  `insert into apps select 'default', 'app-' || n, ${row}, 0, n, 0, null, null, null, null from ${series}`,
  `insert into builds select 'default', 'app-' || (1 + n % 100), 'build-' || n, ${row}, null, null, null, '{}', 'r', ${image},
   ${state}, null, null, null, n, n from ${series}`,
  `insert into operations (tenant, id, app, build, repository, digest, state, attempts, created_at, updated_at)
   select 'default', ${row}, 'app-' || (1 + n % 100), 'build-' || n, 'r', ${image}, ${state}, 0, n, n from ${series}`,
  `insert into jobs (id, tenant, kind, object, state, attempts, run_at, created_at, due_at) select ${row}, 'default', 'issue',
   ${row}, case n % 50 when 0 then 'dead' when 1 then 'queued' else 'done' end, 0, n, n, case n % 50 when 1 then n end from ${series}`,
  `insert into papers select 'default', ${image}, 'r', 'signature', 't', ${image}, 'k', '{}', null, null, null, null, n from ${series}`,
  `insert into package_lists select ${row}, 'default', ${image}, 0, 0, null from ${series}`,
  `insert into package_lists values ('list', 'default', '${digestOf("")}', ${ROWS}, ${ROWS}, null)`,
  `insert into package_rows select 'list', n - 1, 'n' || n, '1', 'npm', ${row}, '', 'n' || n from ${series}`,
  `insert into images select 'default', ${image}, 'm', null, '[]', '[]' from ${series}`,
  `insert into documents select ${image}, 't', ''::bytea from ${series}`,
  `insert into tokens select ${row}, 'default', 'n' || n, 'reader', encode(sha256(n::text::bytea), 'hex'), n, null, null from ${series}`,
  `insert into audit select n, 'default', n, 'a', 'b', 'c', null, '{}', 'd', 'e' from ${series}`,
  `insert into events select n, 'default', n, 'build', null, null, null, 'done' from ${series}`,
  `insert into replies select 'default', 'k' || n, 'r', null, null, null, n from ${series}`,
  `analyze`,
];

interface Plan {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly Plans?: readonly Plan[];
}

/** Tables that a plan reads from their first row to their last. */
const scannedBy = (plan: Plan): readonly string[] => [
  ...(plan["Node Type"] === "Seq Scan" ? [plan["Relation Name"] ?? "?"] : []),
  ...(plan.Plans ?? []).flatMap(scannedBy),
];

const scansOf = async ({ text, values }: Asked): Promise<readonly string[]> => {
  const rows = await run(`explain (format json) ${text}`, values);
  const plans = rows.flatMap((one) => one["QUERY PLAN"] as readonly { readonly Plan: Plan }[]);
  return plans.length === 0 ? fail("no plan") : plans.flatMap(({ Plan: plan }) => scannedBy(plan));
};

// Has a row for each tenant and state, or for each counter: a page or two, which an index would only double.
const SMALL = new Set(["state_counts", "counters"]);

describe("queries on PostgreSQL", () => {
  it.each([...LIST_QUERIES, ...OTHER_QUERIES])("find %s without reading a large table whole", async (_, ask) => {
    asked.length = 0;
    // Those that change something, too; what they changed is undone, so that the next one meets full tables.
    const undo = new RangeError("undone");
    const work = store.write(ctx, async (records) => {
      await ask(records);
      throw undo;
    });
    await expect(work).rejects.toBe(undo);
    const queries = asked.filter(({ text }) => /^(?:select (?!pg_)|update|delete|insert|with)/.test(text));
    expect(queries.length).toBeGreaterThan(0);
    for (const query of queries) {
      const large = (await scansOf(query)).filter((table) => !SMALL.has(table));
      expect({ query: query.text, large }).toEqual({ query: query.text, large: [] });
    }
  });

  it("would show one that does", async () => {
    expect(await scansOf({ text: "select * from builds where source = $1", values: ["x"] })).toEqual(["builds"]);
  });
});
