import { createHash } from "node:crypto";
import { sql } from "kysely";
import type { Kysely } from "kysely";
import { WaybillError } from "#core/errors.ts";
import { createRecords } from "#store/migration/0001_records.ts";
import { createImages } from "#store/migration/0002_images.ts";
import { addAuditFilters } from "#store/migration/0003_audit_filters.ts";
import { addIssueModes } from "#store/migration/0004_issue_modes.ts";
import { createKeys } from "#store/migration/0005_keys.ts";
import { createPackageLists } from "#store/migration/0006_package_lists.ts";
import { indexDeadJobs } from "#store/migration/0007_dead_jobs.ts";
import type { DialectWords, Migration } from "#store/migration/migration.ts";
import type { Tables } from "#store/tables.ts";

const MIGRATIONS: readonly Migration[] = [
  createRecords,
  createImages,
  addAuditFilters,
  addIssueModes,
  createKeys,
  createPackageLists,
  indexDeadJobs,
];

/**
 * Brings the database to this program's version, within the transaction of `db`. STORE_FAILED where the database was made by a
 * newer program, or by one whose migrations said something else: its tables may not be what the queries expect.
 */
export const migrate = async (db: Kysely<Tables>, words: DialectWords, now: number): Promise<void> => {
  await createLog(db, words);
  const applied = await db.selectFrom("migrations").selectAll().orderBy("id").execute();
  refuseUnknown(applied.map((one) => one.id));
  const checksums = new Map(applied.map((one) => [one.id, one.checksum]));
  for (const { id, statements } of MIGRATIONS) {
    const texts = statements(words);
    const checksum = checksumOf(texts);
    const found = checksums.get(id);
    if (found === checksum) continue;
    if (found !== undefined) throw changed(id);
    for (const text of texts) await sql.raw(text).execute(db);
    await db.insertInto("migrations").values({ id, checksum, applied_at: now }).execute();
  }
};

const createLog = async (db: Kysely<Tables>, { text, integer, tableEnd }: DialectWords): Promise<void> => {
  const columns = `id ${text} not null primary key, checksum ${text} not null, applied_at ${integer} not null`;
  await sql.raw(`create table if not exists migrations (${columns})${tableEnd}`).execute(db);
};

const checksumOf = (texts: readonly string[]): string => createHash("sha256").update(texts.join(";\n")).digest("hex");

const refuseUnknown = (applied: readonly string[]): void => {
  const unknown = applied.find((id) => MIGRATIONS.every((known) => known.id !== id));
  if (unknown === undefined) return;
  throw new WaybillError("STORE_FAILED", `the store was written by a newer version: it knows ${printableId(unknown)}`, {
    hint: "Run the version of Waybill that last used this store, or a later one.",
  });
};

const changed = (id: string): WaybillError =>
  new WaybillError("STORE_FAILED", `the store was made with another ${id} than this program's: the checksum differs`, {
    hint: "Run the version of Waybill that made this store, or restore it from a backup.",
  });

// It comes out of a file that somebody else may have written.
const printableId = (id: string): string => JSON.stringify(id.slice(0, 80));
