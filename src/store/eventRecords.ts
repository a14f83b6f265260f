import type { Kysely } from "kysely";
import { ALL_TENANTS } from "#records/build.ts";
import type { LiveEvent } from "#records/liveEvent.ts";
import type { EventRecords } from "#records/recordStore.ts";
import { mergeBySeq } from "#store/mergeBySeq.ts";
import type { EventRow, Tables } from "#store/tables.ts";

const COUNTER = "events";

/** The last number stands in a row of its own: it must go on growing when the events that had it are forgotten. */
export const eventRecords = (db: Kysely<Tables>): EventRecords => ({
  append: async (content) => {
    const event = { ...content, seq: (await lastOf(db)) + 1 };
    await db
      .insertInto("counters")
      .values({ name: COUNTER, value: event.seq })
      .onConflict((conflict) => conflict.column("name").doUpdateSet({ value: event.seq }))
      .execute();
    await db.insertInto("events").values(toRow(event)).execute();
    return event;
  },
  list: async (tenant, after, limit) => {
    const rows = db.selectFrom("events").selectAll().where("seq", ">", after).orderBy("seq").limit(limit);
    const own = await rows.where("tenant", "=", tenant).execute();
    const common = await rows.where("tenant", "=", ALL_TENANTS).execute();
    return mergeBySeq(own, common, { order: "asc", limit }).map(toEvent);
  },
  last: () => lastOf(db),
  prune: async (at) => {
    await db.deleteFrom("events").where("at", "<", at).execute();
  },
});

const lastOf = async (db: Kysely<Tables>): Promise<number> => {
  const row = await db.selectFrom("counters").select("value").where("name", "=", COUNTER).executeTakeFirst();
  return row?.value ?? 0;
};

const toRow = (event: LiveEvent): EventRow => ({
  seq: event.seq,
  tenant: event.tenant,
  at: event.at,
  kind: event.kind,
  app: event.app ?? null,
  build: event.build ?? null,
  operation: event.operation ?? null,
  state: event.state,
});

const toEvent = (row: EventRow): LiveEvent => ({
  seq: row.seq,
  tenant: row.tenant,
  at: row.at,
  kind: row.kind,
  app: row.app ?? undefined,
  build: row.build ?? undefined,
  operation: row.operation ?? undefined,
  state: row.state,
});
