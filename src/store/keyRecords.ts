import type { Kysely } from "kysely";
import type { KeyRecords } from "#records/recordStore.ts";
import type { ServiceKey } from "#records/serviceKey.ts";
import type { KeyRow, Tables } from "#store/tables.ts";

export const keyRecords = (db: Kysely<Tables>): KeyRecords => ({
  put: async (key) => {
    const { id, ...rest } = toRow(key);
    await db
      .insertInto("service_keys")
      .values({ id, ...rest })
      .onConflict((conflict) => conflict.column("id").doUpdateSet(rest))
      .execute();
  },
  find: async (id) => {
    const row = await db.selectFrom("service_keys").selectAll().where("id", "=", id).executeTakeFirst();
    return row && toKey(row);
  },
  list: async () => {
    const all = db.selectFrom("service_keys").selectAll().orderBy("first_seen_at", "desc").orderBy("id");
    const keys = (await all.execute()).map(toKey);
    return [...keys.filter(({ state }) => state === "current"), ...keys.filter(({ state }) => state !== "current")];
  },
});

const toRow = (key: ServiceKey): KeyRow => ({
  id: key.id,
  pem: key.pem,
  algorithm: key.algorithm,
  state: key.state,
  first_seen_at: key.firstSeenAt,
  retired_at: key.retiredAt ?? null,
});

const toKey = (row: KeyRow): ServiceKey => ({
  id: row.id,
  pem: row.pem,
  algorithm: row.algorithm,
  state: row.state,
  firstSeenAt: row.first_seen_at,
  retiredAt: row.retired_at ?? undefined,
});
