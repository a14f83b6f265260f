import type { Kysely } from "kysely";
import type { KeptReply } from "#records/keptReply.ts";
import type { ReplyRecords } from "#records/recordStore.ts";
import type { ReplyRow, Tables } from "#store/tables.ts";

export const replyRecords = (db: Kysely<Tables>): ReplyRecords => ({
  find: async (tenant, key) => {
    const row = await db
      .selectFrom("replies")
      .selectAll()
      .where("tenant", "=", tenant)
      .where("reply_key", "=", key)
      .executeTakeFirst();
    return row && toReply(row);
  },
  put: async (reply) => {
    const row = toRow(reply);
    await db
      .insertInto("replies")
      .values(row)
      .onConflict((conflict) => conflict.columns(["tenant", "reply_key"]).doUpdateSet(row))
      .execute();
  },
  remove: async (tenant, key) => {
    await db.deleteFrom("replies").where("tenant", "=", tenant).where("reply_key", "=", key).execute();
  },
  prune: async (before) => {
    await db.deleteFrom("replies").where("created_at", "<", before).execute();
  },
});

const toRow = ({ tenant, key, request, reply, createdAt }: KeptReply): ReplyRow => ({
  tenant,
  reply_key: key,
  request,
  status: reply?.status ?? null,
  location: reply?.location ?? null,
  body: reply?.body ?? null,
  created_at: createdAt,
});

const toReply = (row: ReplyRow): KeptReply => ({
  tenant: row.tenant,
  key: row.reply_key,
  request: row.request,
  reply:
    row.status === null || row.body === null
      ? undefined
      : { status: row.status, location: row.location ?? undefined, body: row.body },
  createdAt: row.created_at,
});
