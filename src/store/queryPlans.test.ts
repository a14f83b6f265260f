import { DatabaseSync } from "node:sqlite";
import { Kysely, sql } from "kysely";
import type { CompiledQuery } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { digestOf } from "#core/digest.ts";
import type { Records } from "#records/recordStore.ts";
import { migrate } from "#store/migrate.ts";
import { recordsOf } from "#store/recordsOf.ts";
import { sqliteConnection } from "#store/sqliteConnection.ts";
import { sqliteDialect } from "#store/sqliteDialect.ts";
import type { Tables } from "#store/tables.ts";
import { LIST_QUERIES, OTHER_QUERIES } from "../../test/contract/recordStoreQueries.ts";

const BUILDS = 100_000;
const WORDS = { text: "text", integer: "integer", bytes: "blob", tableEnd: " strict" };
const database = new DatabaseSync(":memory:");
const queries: CompiledQuery[] = [];
const db = new Kysely<Tables>({
  dialect: sqliteDialect(database, sqliteConnection(database)),
  log: ({ query }) => void queries.push(query),
});
const records = recordsOf(db);

beforeAll(async () => {
  await migrate(db, WORDS, 0);
  await sql
    .raw(`insert into apps
    select 'default', 'app-' || value, 'row', 0, 0, 0, null, null, null, null from ${series(100)}`)
    .execute(db);
  await sql
    .raw(`insert into builds
    select 'default', 'app-' || (1 + value % 100), 'build-' || value, printf('%08d', value), null, null, null, '{}', null,
    null, case value % 50 when 0 then 'failed' else 'done' end, null, null, null, value, value from ${series(BUILDS)}`)
    .execute(db);
  await sql
    .raw(`insert into package_lists values ('list', 'default', '${digestOf("")}', ${BUILDS}, ${BUILDS}, null)`)
    .execute(db);
  await sql
    .raw(`insert into package_rows
    select 'list', value - 1, 'p', '1', 'npm', printf('%08d', value), '', 'p' from ${series(BUILDS)}`)
    .execute(db);
}, 60_000);
afterAll(() => database.close());

const series = (count: number): string =>
  `(with recursive numbers(value) as (select 1 union all select value + 1 from numbers where value < ${count}) select value from numbers)`;

/** What SQLite would do for each query that `ask` makes. */
const plansOf = async (ask: (records: Records) => Promise<unknown>): Promise<readonly string[]> => {
  queries.length = 0;
  await ask(records);
  return queries.flatMap(({ sql: text, parameters }) => {
    const values = parameters as readonly string[];
    return database
      .prepare(`explain query plan ${text}`)
      .all(...values)
      .map((row) => String(row["detail"]));
  });
};

describe("queries", () => {
  it.each([...LIST_QUERIES, ...OTHER_QUERIES])("find %s through an index, in its order", async (_, ask) => {
    const plans = await plansOf(ask);
    expect(plans.length).toBeGreaterThan(0);
    for (const plan of plans) {
      expect(plan).not.toMatch(/TEMP B-TREE/);
      expect(plan).toMatch(/^SEARCH |^CORRELATED SCALAR SUBQUERY/);
    }
  });

  it("count jobs along indexes of what is open and what was given up", async () => {
    const plans = (await plansOf(({ jobs }) => jobs.tally(7))).filter((plan) => / jobs\b/.test(plan));
    expect(plans).toHaveLength(2);
    expect(plans[0]).toMatch(/USING INDEX jobs_by_due/);
    expect(plans[1]).toMatch(/INDEX jobs_dead/);
  });

  it("begin a page in the middle of a hundred thousand builds", async () => {
    const page = await records.builds.list(
      "default",
      { app: "app-8", state: undefined },
      { limit: 50, after: "00050000" },
    );
    expect(page.map((one) => one.row)).toEqual(
      Array.from({ length: 50 }, (_, at) => String(49907 - at * 100).padStart(8, "0")),
    );
  });
});
