import { sql } from "kysely";
import type { Kysely } from "kysely";
import type { Build, BuildState } from "#records/build.ts";
import type { BuildRecords } from "#records/recordStore.ts";
import { expectChange, readImage, readReason, readTexts, reasonColumns } from "#store/columns.ts";
import { prepareQuery } from "#store/prepareQuery.ts";
import type { BuildRow, Tables } from "#store/tables.ts";

/** Keeps the sums of the overview and of the list of apps too: counting a hundred thousand builds for a page would be slow. */
export const buildRecords = (db: Kysely<Tables>): BuildRecords => ({
  insert: async (build) => {
    await db.insertInto("builds").values(toRow(build)).execute();
    await addToApp(db, build);
    await addToState(db, build.tenant, build.state, 1);
  },
  find: async (tenant, app, id) => {
    const [row] = await wholeBuild(db, tenant, app, id);
    return row && toBuild(row);
  },
  update: async (build) => {
    const { tenant, app, id } = build;
    const before = await buildOf(db, tenant, app, id).select(["state", "row_id"]).executeTakeFirst();
    const change = db
      .updateTable("builds")
      .set(changingColumns(build))
      .where("tenant", "=", tenant)
      .where("app", "=", app)
      .where("id", "=", id);
    expectChange(await change.executeTakeFirst(), "build");
    if (before === undefined) return;
    await updateLatest(db, build, before.row_id);
    if (before.state === build.state) return;
    await addToState(db, tenant, before.state, -1);
    await addToState(db, tenant, build.state, 1);
  },
  list: async (tenant, { app, state }, { limit, after }) => {
    let rows = db.selectFrom("builds").selectAll().where("tenant", "=", tenant).orderBy("row_id", "desc").limit(limit);
    if (app !== undefined) rows = rows.where("app", "=", app);
    if (state !== undefined) rows = rows.where("state", "=", state);
    if (after !== undefined) rows = rows.where("row_id", "<", after);
    return (await rows.execute()).map(toBuild);
  },
  listByDigest: async (tenant, digest, limit) => {
    const rows = await db
      .selectFrom("builds")
      .selectAll()
      .where("tenant", "=", tenant)
      .where("digest", "=", digest)
      .orderBy("row_id", "desc")
      .limit(limit)
      .execute();
    return rows.map(toBuild);
  },
});

const buildOf = (db: Kysely<Tables>, tenant: string, app: string, id: string) =>
  db.selectFrom("builds").where("tenant", "=", tenant).where("app", "=", app).where("id", "=", id);

const wholeBuild = prepareQuery((db, tenant: string, app: string, id: string) =>
  buildOf(db, tenant, app, id).selectAll(),
);

const addToApp = async (db: Kysely<Tables>, build: Build): Promise<void> => {
  const ofApp = db.updateTable("apps").where("tenant", "=", build.tenant).where("name", "=", build.app);
  await ofApp.set({ builds: sql<number>`builds + 1` }).execute();
  await ofApp
    .set({ ...latestColumns(build), latest_row: build.row, latest_id: build.id })
    .where((is) => is.or([is("latest_row", "is", null), is("latest_row", "<", build.row)]))
    .execute();
};

const updateLatest = async (db: Kysely<Tables>, build: Build, row: string): Promise<void> => {
  await db
    .updateTable("apps")
    .set(latestColumns(build))
    .where("tenant", "=", build.tenant)
    .where("name", "=", build.app)
    .where("latest_row", "=", row)
    .execute();
};

const latestColumns = (build: Build) => ({ latest_state: build.state, latest_updated_at: build.updatedAt });

const addToState = async (db: Kysely<Tables>, tenant: string, state: BuildState, builds: 1 | -1): Promise<void> => {
  await db
    .insertInto("state_counts")
    .values({ tenant, state, builds })
    .onConflict((conflict) =>
      conflict.columns(["tenant", "state"]).doUpdateSet({ builds: sql<number>`state_counts.builds + ${builds}` }),
    )
    .execute();
};

const changingColumns = (build: Build) => ({
  repository: build.image?.repository ?? null,
  digest: build.image?.digest ?? null,
  state: build.state,
  ...reasonColumns(build.reason),
  operation: build.operation ?? null,
  updated_at: build.updatedAt,
});

const toRow = (build: Build): BuildRow => ({
  tenant: build.tenant,
  app: build.app,
  id: build.id,
  row_id: build.row,
  source: build.facts.source ?? null,
  commit_sha: build.facts.commitSha ?? null,
  builder: build.facts.builder ?? null,
  parameters: JSON.stringify(build.facts.parameters),
  ...changingColumns(build),
  created_at: build.createdAt,
});

const toBuild = (row: BuildRow): Build => ({
  tenant: row.tenant,
  app: row.app,
  id: row.id,
  row: row.row_id,
  facts: {
    source: row.source ?? undefined,
    commitSha: row.commit_sha ?? undefined,
    builder: row.builder ?? undefined,
    parameters: readTexts(row.parameters),
  },
  image: readImage(row.repository, row.digest),
  state: row.state,
  reason: readReason(row.reason_code, row.reason_message),
  operation: row.operation ?? undefined,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});
