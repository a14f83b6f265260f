import { sql } from "kysely";
import type { ExpressionBuilder, Kysely } from "kysely";
import type { Job } from "#records/job.ts";
import type { JobRecords, JobTally } from "#records/recordStore.ts";
import { expectChange } from "#store/columns.ts";
import type { JobRow, Tables } from "#store/tables.ts";

/** The state of an operation without a key, and the reason of its job. */
const WAITS_FOR_KEY = "signing_unavailable";

/** Beyond it a number says only that there are very many, and counting would hold up all others (evidence.md 4.1). */
const MAX_TALLY = 10_000;

export const jobRecords = (db: Kysely<Tables>): JobRecords => ({
  insert: async (job) => {
    await db.insertInto("jobs").values(toRow(job)).execute();
  },
  findDue: async (now) => {
    const due = db.selectFrom("jobs").selectAll().where("due_at", "<=", now);
    const row = await due.orderBy("due_at").orderBy("id").limit(1).executeTakeFirst();
    return row && toJob(row);
  },
  find: async (id) => {
    const row = await db.selectFrom("jobs").selectAll().where("id", "=", id).executeTakeFirst();
    return row && toJob(row);
  },
  update: async (job) => {
    expectChange(await db.updateTable("jobs").set(toRow(job)).where("id", "=", job.id).executeTakeFirst(), "job");
  },
  nextDue: async () => {
    const rows = db.selectFrom("jobs").select("due_at").where("due_at", "is not", null);
    return (await rows.orderBy("due_at").limit(1).executeTakeFirst())?.due_at ?? undefined;
  },
  wake: async (now) => {
    const { numUpdatedRows } = await db
      .updateTable("jobs")
      .set({ run_at: now, due_at: now })
      .where("state", "=", "queued")
      .where("due_at", ">", now)
      .where((is) => is.or([is("reason", "=", WAITS_FOR_KEY), is.exists(operationThatWaits(is))]))
      .executeTakeFirst();
    return Number(numUpdatedRows);
  },
  list: async (tenant, state, { limit, after }) => {
    let rows = db.selectFrom("jobs").selectAll().where("tenant", "=", tenant).orderBy("id", "desc").limit(limit);
    if (state !== undefined) rows = rows.where("state", "=", state);
    if (after !== undefined) rows = rows.where("id", "<", after);
    return (await rows.execute()).map(toJob);
  },
  tally: async (now) => ({ ...(await tallyOpen(db, now)), dead: await countDead(db) }),
});

type OpenState = Exclude<keyof JobTally, "dead">;

const tallyOpen = async (db: Kysely<Tables>, now: number): Promise<Readonly<Record<OpenState, number>>> => {
  const { rows } = await sql<{ readonly state: OpenState; readonly jobs: number | string }>`
    select case when state = 'leased' then 'leased' when due_at <= ${now} then 'due'
      when reason = ${sql.lit(WAITS_FOR_KEY)} then 'parked' else 'delayed' end as state, count(*) as jobs
    from (select state, due_at, reason from jobs where due_at is not null order by due_at, id
      limit ${sql.lit(MAX_TALLY)}) as first_due group by 1`.execute(db);
  const counts = new Map(rows.map(({ state, jobs }) => [state, Number(jobs)]));
  const of = (state: OpenState): number => counts.get(state) ?? 0;
  return { due: of("due"), delayed: of("delayed"), parked: of("parked"), leased: of("leased") };
};

/** The state stands in the text: a partial index is not found for a parameter. */
const countDead = async (db: Kysely<Tables>): Promise<number> => {
  const { rows } = await sql<{ readonly jobs: number | string }>`
    select count(*) as jobs from (select id from jobs where state = 'dead' limit ${sql.lit(MAX_TALLY)}) as dead`.execute(
    db,
  );
  return Number(rows[0]?.jobs ?? 0);
};

const operationThatWaits = (is: ExpressionBuilder<Tables, "jobs">) =>
  is
    .selectFrom("operations")
    .select("operations.id")
    .whereRef("operations.tenant", "=", "jobs.tenant")
    .whereRef("operations.id", "=", "jobs.object")
    .where("operations.state", "=", WAITS_FOR_KEY);

const dueAt = ({ state, runAt, leaseUntil }: Job): number | null => {
  if (state === "queued") return runAt;
  return state === "leased" ? (leaseUntil ?? runAt) : null;
};

const toRow = (job: Job): JobRow => ({
  id: job.id,
  tenant: job.tenant,
  kind: job.kind,
  object: job.object,
  state: job.state,
  attempts: job.attempts,
  run_at: job.runAt,
  owner: job.owner ?? null,
  lease_until: job.leaseUntil ?? null,
  reason: job.reason ?? null,
  created_at: job.createdAt,
  due_at: dueAt(job),
});

const toJob = (row: JobRow): Job => ({
  id: row.id,
  tenant: row.tenant,
  kind: row.kind,
  object: row.object,
  state: row.state,
  attempts: row.attempts,
  runAt: row.run_at,
  owner: row.owner ?? undefined,
  leaseUntil: row.lease_until ?? undefined,
  reason: row.reason ?? undefined,
  createdAt: row.created_at,
});
