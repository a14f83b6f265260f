import { sql } from "kysely";
import type { Kysely } from "kysely";
import type { TokenRecords } from "#records/recordStore.ts";
import type { Token } from "#records/token.ts";
import { expectChange } from "#store/columns.ts";
import { prepareQuery } from "#store/prepareQuery.ts";
import type { Tables, TokenRow } from "#store/tables.ts";

export const tokenRecords = (db: Kysely<Tables>): TokenRecords => ({
  insert: async (token) => {
    await db.insertInto("tokens").values(toRow(token)).execute();
  },
  findByHash: async (hash) => {
    const [row] = await tokenOfHash(db, hash);
    return row && toToken(row);
  },
  find: async (tenant, id) => {
    const rows = db.selectFrom("tokens").selectAll().where("id", "=", id);
    const row = await rows.where("tenant", "=", tenant).executeTakeFirst();
    return row && toToken(row);
  },
  list: async (tenant, { limit, after }) => {
    const all = db.selectFrom("tokens").selectAll().where("tenant", "=", tenant).orderBy("id", "desc").limit(limit);
    const rows = await (after === undefined ? all : all.where("id", "<", after)).execute();
    return rows.map(toToken);
  },
  revoke: async (tenant, id, at) => {
    const change = db
      .updateTable("tokens")
      // The first time stays: it says until when the token could be used.
      .set({ revoked_at: sql<number>`coalesce(revoked_at, ${at})` })
      .where("tenant", "=", tenant)
      .where("id", "=", id);
    expectChange(await change.executeTakeFirst(), "token");
  },
  isEmpty: async () => (await db.selectFrom("tokens").select("id").limit(1).executeTakeFirst()) === undefined,
});

const tokenOfHash = prepareQuery((db, hash: string) => db.selectFrom("tokens").selectAll().where("hash", "=", hash));

const toRow = (token: Token): TokenRow => ({
  id: token.id,
  tenant: token.tenant,
  name: token.name,
  role: token.role,
  hash: token.hash,
  created_at: token.createdAt,
  expires_at: token.expiresAt ?? null,
  revoked_at: token.revokedAt ?? null,
});

const toToken = (row: TokenRow): Token => ({
  id: row.id,
  tenant: row.tenant,
  name: row.name,
  role: row.role,
  hash: row.hash,
  createdAt: row.created_at,
  expiresAt: row.expires_at ?? undefined,
  revokedAt: row.revoked_at ?? undefined,
});
