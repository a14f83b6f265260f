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
}, 60_000);
afterAll(() => database.close());

const series = (count: number): string =>
  `(with recursive numbers(value) as (select 1 union all select value + 1 from numbers where value < ${count}) select value from numbers)`;

const CUTS = [
  { limit: 50, after: undefined },
  { limit: 50, after: "00050000" },
];

const lists: readonly (readonly [string, (records: Records) => Promise<unknown>])[] = CUTS.flatMap((cut) => {
  const place = cut.after === undefined ? "first page" : "later page";
  const states = [undefined, "failed"] as const;
  return [
    [`apps, ${place}`, ({ apps }: Records) => apps.list("default", cut)] as const,
    ...states.flatMap((state) =>
      [undefined, "app-7"].map(
        (app) =>
          [
            `builds of ${app ?? "all"}, ${state ?? "all"}, ${place}`,
            ({ builds }: Records) => builds.list("default", { app, state }, cut),
          ] as const,
      ),
    ),
    ...states.map(
      (state) =>
        [
          `operations, ${state ?? "all"}, ${place}`,
          ({ operations }: Records) => operations.list("default", state, cut),
        ] as const,
    ),
    [`jobs, ${place}`, ({ jobs }: Records) => jobs.list("default", undefined, cut)] as const,
    [`dead jobs, ${place}`, ({ jobs }: Records) => jobs.list("default", "dead", cut)] as const,
    [`tokens, ${place}`, ({ tokens }: Records) => tokens.list("default", cut)] as const,
    [
      `packages, ${place}`,
      ({ papers }: Records) => papers.listPackages("default", digestOf(""), undefined, cut),
    ] as const,
  ];
});

const others: readonly (readonly [string, (records: Records) => Promise<unknown>])[] = [
  ["builds of a digest", ({ builds }) => builds.listByDigest("default", digestOf(""), 50)],
  ["states", ({ apps }) => apps.countStates("default")],
  ["audit log of a tenant", ({ audit }) => audit.list("default", 7, 50)],
  ["audit log of all", ({ audit }) => audit.list(undefined, 7, 50)],
  ...[{ actor: "token:ci" }, { action: "issue.done" }, { object: "apps/app-1/builds/build-1" }, {}].map(
    (only) =>
      [
        `audit log, newest first, of ${JSON.stringify(only)}`,
        ({ audit }: Records) =>
          audit.search(
            "default",
            { order: "newest", after: 700, actor: undefined, action: undefined, object: undefined, ...only },
            50,
          ),
      ] as const,
  ),
  ["live events", ({ events }) => events.list("default", 7, 50)],
  ["the last event", ({ events }) => events.last()],
  ["events to forget", ({ events }) => events.prune(7)],
  ["the due job", ({ jobs }) => jobs.findDue(7)],
  ["the next due job", ({ jobs }) => jobs.nextDue()],
  ["jobs to wake", ({ jobs }) => jobs.wake(7)],
  ["papers", ({ papers }) => papers.list("default", digestOf(""))],
  ["an image", ({ images }) => images.find("default", digestOf(""))],
  ["a token", ({ tokens }) => tokens.findByHash("x")],
  ["replies to forget", ({ replies }) => replies.prune(7)],
];

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
  it.each([...lists, ...others])("find %s through an index, in its order", async (_, ask) => {
    const plans = await plansOf(ask);
    expect(plans.length).toBeGreaterThan(0);
    for (const plan of plans) {
      expect(plan).not.toMatch(/TEMP B-TREE/);
      expect(plan).toMatch(/^SEARCH |^CORRELATED SCALAR SUBQUERY|^MERGE \(UNION ALL\)$|^LEFT$|^RIGHT$/);
    }
  });

  it("list a page of a hundred thousand builds in a few milliseconds", async () => {
    const times: number[] = [];
    for (const [, ask] of lists.flatMap((one) => [one, one, one])) {
      const start = performance.now();
      await ask(records);
      times.push(performance.now() - start);
    }
    const page = await records.builds.list(
      "default",
      { app: "app-8", state: undefined },
      { limit: 50, after: "00050000" },
    );
    expect(page.map((one) => one.row)).toEqual(
      Array.from({ length: 50 }, (_, at) => String(49907 - at * 100).padStart(8, "0")),
    );
    // A scan of so many takes more than that on any machine.
    expect(times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.95)]).toBeLessThan(20);
  });
});
