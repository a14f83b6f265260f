import type { Kysely } from "kysely";
import type { App, AppSummary } from "#records/app.ts";
import type { AppRecords } from "#records/recordStore.ts";
import { expectChange } from "#store/columns.ts";
import { prepareQuery } from "#store/prepareQuery.ts";
import type { AppRow, Tables } from "#store/tables.ts";

export const appRecords = (db: Kysely<Tables>): AppRecords => ({
  insert: async (app) => {
    const { numInsertedOrUpdatedRows } = await db
      .insertInto("apps")
      .values(toRow(app))
      .onConflict((conflict) => conflict.columns(["tenant", "name"]).doNothing())
      .executeTakeFirst();
    return numInsertedOrUpdatedRows === 1n;
  },
  find: async (tenant, name) => {
    const [row] = await wholeApp(db, tenant, name);
    return row && toApp(row);
  },
  list: async (tenant, { limit, after }) => {
    const all = db.selectFrom("apps").selectAll().where("tenant", "=", tenant).orderBy("name").limit(limit);
    const rows = await (after === undefined ? all : all.where("name", ">", after)).execute();
    return rows.map(toSummary);
  },
  setPublicBadge: async (tenant, name, publicBadge) => {
    const change = db
      .updateTable("apps")
      .set({ public_badge: publicBadge ? 1 : 0 })
      .where("tenant", "=", tenant)
      .where("name", "=", name);
    expectChange(await change.executeTakeFirst(), "app");
  },
  countStates: async (tenant) => {
    const rows = await db.selectFrom("state_counts").selectAll().where("tenant", "=", tenant).execute();
    return Object.fromEntries(rows.filter((row) => row.builds > 0).map((row) => [row.state, row.builds]));
  },
});

const wholeApp = prepareQuery((db, tenant: string, name: string) =>
  db.selectFrom("apps").selectAll().where("tenant", "=", tenant).where("name", "=", name),
);

const toRow = (app: App): AppRow => ({
  tenant: app.tenant,
  name: app.name,
  row_id: app.row,
  public_badge: app.publicBadge ? 1 : 0,
  created_at: app.createdAt,
  builds: 0,
  latest_row: null,
  latest_id: null,
  latest_state: null,
  latest_updated_at: null,
});

const toApp = (row: AppRow): App => ({
  tenant: row.tenant,
  name: row.name,
  row: row.row_id,
  publicBadge: row.public_badge === 1,
  createdAt: row.created_at,
});

const toSummary = (row: AppRow): AppSummary => ({
  ...toApp(row),
  builds: row.builds,
  latest:
    row.latest_id === null || row.latest_state === null || row.latest_updated_at === null
      ? undefined
      : { id: row.latest_id, state: row.latest_state, updatedAt: row.latest_updated_at },
});
