import type { Kysely } from "kysely";
import type { GatePassRecords } from "#records/recordStore.ts";
import type { Tables } from "#store/tables.ts";

export const gatePassRecords = (db: Kysely<Tables>): GatePassRecords => ({
  put: async ({ tenant, app, build, operation, code, at }) => {
    const known = await db
      .selectFrom("gate_passes")
      .select(["operation", "code"])
      .where("tenant", "=", tenant)
      .where("app", "=", app)
      .where("build", "=", build)
      .executeTakeFirst();
    const why = { operation: operation ?? null, code };
    if (known?.operation === why.operation && known.code === code) return false;
    await db
      .insertInto("gate_passes")
      .values({ tenant, app, build, ...why, at })
      .onConflict((conflict) => conflict.columns(["tenant", "app", "build"]).doUpdateSet({ ...why, at }))
      .execute();
    return true;
  },
});
