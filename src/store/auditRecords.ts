import type { Kysely, SelectQueryBuilder } from "kysely";
import { AUDIT_START, chainEntry } from "#records/auditEntry.ts";
import type { AuditEntry } from "#records/auditEntry.ts";
import { ALL_TENANTS } from "#records/build.ts";
import type { AuditRecords } from "#records/recordStore.ts";
import { readTexts } from "#store/columns.ts";
import { mergeBySeq } from "#store/mergeBySeq.ts";
import type { AuditRow, Tables } from "#store/tables.ts";

/** Writers come one after another, so that the last entry stays the last until the transaction ends. */
export const auditRecords = (db: Kysely<Tables>): AuditRecords => ({
  append: async (event) => {
    const last = await db
      .selectFrom("audit")
      .select(["seq", "hash"])
      .orderBy("seq", "desc")
      .limit(1)
      .executeTakeFirst();
    const entry = chainEntry(event, (last?.seq ?? 0) + 1, last?.hash ?? AUDIT_START);
    await db.insertInto("audit").values(toRow(entry)).execute();
    return entry;
  },
  newest: async () => {
    const row = await db.selectFrom("audit").selectAll().orderBy("seq", "desc").limit(1).executeTakeFirst();
    return row && toEntry(row);
  },
  list: async (tenant, after, limit) => {
    const all = db.selectFrom("audit").selectAll().where("seq", ">", after);
    const rows = all.orderBy("seq").limit(limit);
    return (await (tenant === undefined ? rows.execute() : seenBy(tenant, rows, { order: "asc", limit }))).map(toEntry);
  },
  search: async (tenant, query, limit) => {
    const newest = query.order === "newest";
    let rows = db.selectFrom("audit").selectAll();
    for (const name of ["actor", "action", "object"] as const) {
      const value = query[name];
      if (value !== undefined) rows = rows.where(name, "=", value);
    }
    if (query.after !== undefined) rows = rows.where("seq", newest ? "<" : ">", query.after);
    const order = newest ? "desc" : "asc";
    return (await seenBy(tenant, rows.orderBy("seq", order).limit(limit), { order, limit })).map(toEntry);
  },
});

type Rows = SelectQueryBuilder<Tables, "audit", AuditRow>;

const seenBy = async (
  tenant: string,
  rows: Rows,
  cut: Parameters<typeof mergeBySeq>[2],
): Promise<readonly AuditRow[]> => {
  const own = await rows.where("tenant", "=", tenant).execute();
  const common = await rows.where("tenant", "=", ALL_TENANTS).execute();
  return mergeBySeq(own, common, cut);
};

const toRow = (entry: AuditEntry): AuditRow => ({
  seq: entry.seq,
  tenant: entry.tenant,
  at: entry.at,
  actor: entry.actor,
  action: entry.action,
  object: entry.object,
  request_id: entry.requestId ?? null,
  detail: JSON.stringify(entry.detail),
  prev_hash: entry.prevHash,
  hash: entry.hash,
});

const toEntry = (row: AuditRow): AuditEntry => ({
  at: row.at,
  tenant: row.tenant,
  actor: row.actor,
  action: row.action,
  object: row.object,
  requestId: row.request_id ?? undefined,
  detail: readTexts(row.detail),
  seq: row.seq,
  prevHash: row.prev_hash,
  hash: row.hash,
});
