import { sql } from "kysely";
import type { Kysely } from "kysely";
import type { Ctx } from "#core/ctx.ts";
import { digestAlgorithm, digestOf, isDigest } from "#core/digest.ts";
import { hasCode } from "#core/errors.ts";
import type { WaybillError } from "#core/errors.ts";
import { AUDIT_START, findBreak } from "#records/auditEntry.ts";
import { auditRecords } from "#store/auditRecords.ts";
import type { StoreReport } from "#store/openStore.ts";
import type { Tables } from "#store/tables.ts";
import type { Transact } from "#store/transact.ts";

const BATCH = 1000;
/** The first problems tell enough; a store that is damaged all over must not fill the memory. */
const MAX_PROBLEMS = 100;

/** Looks at what one transaction sees; sentences about what is wrong. */
export type Inspect = (db: Kysely<Tables>) => Promise<readonly string[]>;

/** Looks through the whole store; `inspect` is what the database itself can say about its files. Reads in short transactions. */
export const checkStore = async (ctx: Ctx, read: Transact, inspect: Inspect): Promise<StoreReport> => {
  const problems: string[] = [];
  for (const look of [inspect, lookAtJobs, lookAtPapers, lookAtCounts])
    problems.push(...(await orFailure(() => read(ctx, look), asProblem)));
  problems.push(...(await orFailure(() => lookAtDocuments(ctx, read), asProblem)));
  const audit = await orFailure(
    () => lookAtAudit(ctx, read),
    (failure) => ({ entries: 0, problems: asProblem(failure) }),
  );
  problems.push(...audit.problems);
  return { ok: problems.length === 0, problems: problems.slice(0, MAX_PROBLEMS), entries: audit.entries };
};

// A damaged file fails the queries that meet the damage; what the others find is still worth telling.
const orFailure = async <T>(look: () => Promise<T>, tell: (failure: WaybillError) => T): Promise<T> => {
  try {
    return await look();
  } catch (thrown) {
    if (!hasCode(thrown, "STORE_FAILED")) throw thrown;
    return tell(thrown);
  }
};

const asProblem = (failure: WaybillError): readonly string[] => [`not everything could be read: ${failure.message}`];

const lookAtJobs: Inspect = async (db) => {
  const lost = await db
    .selectFrom("jobs")
    .leftJoin("operations", (join) =>
      join.onRef("operations.tenant", "=", "jobs.tenant").onRef("operations.id", "=", "jobs.object"),
    )
    .select("jobs.id")
    .where("operations.id", "is", null)
    .limit(MAX_PROBLEMS)
    .execute();
  return lost.map(({ id }) => `job ${id}: its operation is missing`);
};

const lookAtPapers: Inspect = async (db) => {
  const problems: string[] = [];
  for (const column of ["predicate", "envelope", "bundle"] as const) {
    const lost = await db
      .selectFrom("papers")
      .leftJoin("documents", "documents.digest", `papers.${column}`)
      .select(["papers.subject", `papers.${column} as document`])
      .where(`papers.${column}`, "is not", null)
      .where("documents.digest", "is", null)
      .limit(MAX_PROBLEMS)
      .execute();
    problems.push(...lost.map((one) => `paper of ${one.subject}: its ${column} ${one.document} is missing`));
  }
  return problems;
};

// The sums are kept besides what they sum up, so they can be wrong.
const lookAtCounts: Inspect = async (db) => {
  const { rows } = await sql<{ readonly tenant: string; readonly state: string }>`
    select tenant, state from (
      select tenant, state, count(*) as builds from builds group by tenant, state
      union all
      select tenant, state, -builds from state_counts
    ) as sums group by tenant, state having sum(builds) <> 0`.execute(db);
  const wrong = await sql<{ readonly tenant: string; readonly name: string }>`
    select tenant, name from apps
    where builds <> (select count(*) from builds where builds.tenant = apps.tenant and builds.app = apps.name)
    limit ${MAX_PROBLEMS}`.execute(db);
  return [
    ...rows.map(({ tenant, state }) => `tenant ${tenant}: the number of builds that are ${state} is wrong`),
    ...wrong.rows.map(({ tenant, name }) => `app ${name} of tenant ${tenant}: the number of its builds is wrong`),
  ];
};

// One at a time: a document may be an SBOM of many megabytes.
const lookAtDocuments = async (ctx: Ctx, read: Transact): Promise<readonly string[]> => {
  const problems: string[] = [];
  for (let after = ""; problems.length < MAX_PROBLEMS;) {
    const row = await read(ctx, (db) =>
      db
        .selectFrom("documents")
        .select(["digest", "bytes"])
        .where("digest", ">", after)
        .orderBy("digest")
        .executeTakeFirst(),
    );
    if (row === undefined) break;
    if (!isDigest(row.digest) || digestOf(row.bytes, digestAlgorithm(row.digest)) !== row.digest)
      problems.push(`document ${row.digest}: its bytes have another digest`);
    after = row.digest;
  }
  return problems;
};

const lookAtAudit = async (
  ctx: Ctx,
  read: Transact,
): Promise<{ readonly entries: number; readonly problems: readonly string[] }> => {
  let after = { seq: 0, hash: AUDIT_START };
  for (;;) {
    const entries = await read(ctx, (db) => auditRecords(db).list(undefined, after.seq, BATCH));
    const broken = findBreak(entries, after);
    if (broken !== undefined)
      return { entries: after.seq, problems: [`audit entry ${broken}: it does not follow the entry before it`] };
    const last = entries.at(-1);
    if (last === undefined) return { entries: after.seq, problems: [] };
    after = { seq: last.seq, hash: last.hash };
  }
};
