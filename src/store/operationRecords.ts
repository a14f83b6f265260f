import type { Kysely } from "kysely";
import type { Operation } from "#records/operation.ts";
import type { OperationRecords } from "#records/recordStore.ts";
import { expectChange, readDigest, readReason, reasonColumns } from "#store/columns.ts";
import type { OperationRow, Tables } from "#store/tables.ts";

export const operationRecords = (db: Kysely<Tables>): OperationRecords => ({
  insert: async (operation) => {
    await db.insertInto("operations").values(toRow(operation)).execute();
  },
  find: async (tenant, id) => {
    const row = await db
      .selectFrom("operations")
      .selectAll()
      .where("tenant", "=", tenant)
      .where("id", "=", id)
      .executeTakeFirst();
    return row && toOperation(row);
  },
  update: async (operation) => {
    const change = db
      .updateTable("operations")
      .set(toRow(operation))
      .where("tenant", "=", operation.tenant)
      .where("id", "=", operation.id);
    expectChange(await change.executeTakeFirst(), "operation");
  },
  list: async (tenant, state, { limit, after }) => {
    let rows = db.selectFrom("operations").selectAll().where("tenant", "=", tenant).orderBy("id", "desc").limit(limit);
    if (state !== undefined) rows = rows.where("state", "=", state);
    if (after !== undefined) rows = rows.where("id", "<", after);
    return (await rows.execute()).map(toOperation);
  },
});

const toRow = (operation: Operation): OperationRow => ({
  tenant: operation.tenant,
  id: operation.id,
  app: operation.app,
  build: operation.build,
  repository: operation.image.repository,
  digest: operation.image.digest,
  mode: operation.mode,
  state: operation.state,
  attempts: operation.attempts,
  ...reasonColumns(operation.reason),
  created_at: operation.createdAt,
  updated_at: operation.updatedAt,
});

const toOperation = (row: OperationRow): Operation => ({
  id: row.id,
  tenant: row.tenant,
  app: row.app,
  build: row.build,
  image: { repository: row.repository, digest: readDigest(row.digest) },
  mode: row.mode,
  state: row.state,
  attempts: row.attempts,
  reason: readReason(row.reason_code, row.reason_message),
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});
