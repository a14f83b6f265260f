import { sql } from "kysely";
import type { Kysely } from "kysely";
import type { Digest } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import type { PackageListHead, PackageRow } from "#records/packageList.ts";
import type { PackageRecords } from "#records/recordStore.ts";
import { expectChange, readDigest } from "#store/columns.ts";
import type { Tables } from "#store/tables.ts";

/** Rows of one insert: SQLite takes 32,766 parameters, PostgreSQL 65,535. */
const ROWS_AT_ONCE = 200;
/** What is longer than every honest purl is no search, and SQLite refuses patterns beyond 50,000 bytes. */
const MAX_SEARCH_CHARS = 4096;

export const packageRecords = (db: Kysely<Tables>): PackageRecords => ({
  begin: async ({ id, tenant, subject, total, listed }, at) => {
    await db.insertInto("package_lists").values({ id, tenant, subject, total, listed, hidden_at: at }).execute();
  },
  append: async (id, from, rows) => {
    for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) {
      const values = rows.slice(at, at + ROWS_AT_ONCE).map((one, index) => toRow(id, from + at + index, one));
      await db.insertInto("package_rows").values(values).execute();
    }
  },
  show: async ({ id, tenant, subject }, at) => {
    const lists = db.updateTable("package_lists").where("tenant", "=", tenant).where("subject", "=", subject);
    await lists.set({ hidden_at: at }).where("hidden_at", "is", null).execute();
    expectChange(
      await lists.set({ hidden_at: null }).where("id", "=", id).executeTakeFirstOrThrow(),
      "list of packages",
    );
  },
  find: (tenant, subject) => findShown(db, tenant, subject),
  list: async (tenant, subject, text, { limit, after }) => {
    const head = await findShown(db, tenant, subject);
    if (head === undefined) return [];
    const from = after === undefined ? 0 : await placeAfter(db, head, after);
    let rows = db
      .selectFrom("package_rows")
      .select(["name", "version", "type", "purl", "licenses"])
      .where("list", "=", head.id)
      .where("ordinal", ">=", from)
      .orderBy("ordinal")
      .limit(limit);
    if (text !== undefined) rows = rows.where(sql<boolean>`search like ${patternFor(text)} escape '\\'`);
    return rows.execute();
  },
  prune: async (before, limit) => {
    const old = await db
      .selectFrom("package_lists")
      .select("id")
      .where("hidden_at", "<", before)
      .orderBy("hidden_at")
      .limit(1)
      .executeTakeFirst();
    if (old === undefined) return false;
    const some = db.selectFrom("package_rows").select("ordinal").where("list", "=", old.id).limit(limit);
    const gone = await db
      .deleteFrom("package_rows")
      .where("list", "=", old.id)
      .where("ordinal", "in", some)
      .executeTakeFirstOrThrow();
    if (gone.numDeletedRows < BigInt(limit)) await db.deleteFrom("package_lists").where("id", "=", old.id).execute();
    return true;
  },
});

const findShown = async (db: Kysely<Tables>, tenant: string, subject: Digest): Promise<PackageListHead | undefined> => {
  const row = await db
    .selectFrom("package_lists")
    .select(["id", "total", "listed", "subject"])
    .where("tenant", "=", tenant)
    .where("subject", "=", subject)
    .where("hidden_at", "is", null)
    .executeTakeFirst();
  return row && { id: row.id, tenant, subject: readDigest(row.subject), total: row.total, listed: row.listed };
};

/**
 * The place of the first row beyond a purl, by halves: purls may be longer than what PostgreSQL indexes, and to look through all
 * rows for each page would cost the more the later it is.
 */
const placeAfter = async (db: Kysely<Tables>, { id, listed }: PackageListHead, purl: string): Promise<number> => {
  let [low, high] = [0, listed];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const row = await db
      .selectFrom("package_rows")
      .select("purl")
      .where("list", "=", id)
      .where("ordinal", "=", middle)
      .executeTakeFirst();
    if (row !== undefined && row.purl <= purl) low = middle + 1;
    else high = middle;
  }
  return low;
};

const toRow = (list: string, ordinal: number, { name, version, type, purl, licenses }: PackageRow) => ({
  list,
  ordinal,
  name,
  version,
  type,
  purl,
  licenses,
  search: `${name}\n${purl}`.toLowerCase(),
});

const patternFor = (text: string): string => {
  if (text.length > MAX_SEARCH_CHARS)
    throw new WaybillError("LIMIT_EXCEEDED", `the text to look for is longer than ${MAX_SEARCH_CHARS} characters`);
  return `%${text.toLowerCase().replace(/[\\%_]/g, "\\$&")}%`;
};
