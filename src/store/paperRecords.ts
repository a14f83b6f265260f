import { sql } from "kysely";
import type { Kysely } from "kysely";
import type { Digest } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import type { IssuedPaper, PackageRow } from "#records/paper.ts";
import type { PaperRecords } from "#records/recordStore.ts";
import { readDigest, readTexts } from "#store/columns.ts";
import { escapeText } from "#store/escapeText.ts";
import { prepareQuery } from "#store/prepareQuery.ts";
import type { PaperRow, Tables } from "#store/tables.ts";

/** Rows of one insert: SQLite takes 32,766 parameters, PostgreSQL 65,535. */
const ROWS_AT_ONCE = 200;
/** What is longer than every honest purl is no search, and SQLite refuses patterns beyond 50,000 bytes. */
const MAX_SEARCH_CHARS = 4096;

export const paperRecords = (db: Kysely<Tables>): PaperRecords => ({
  put: async (paper) => {
    const row = toRow(paper);
    await db
      .insertInto("papers")
      .values(row)
      .onConflict((conflict) => conflict.columns(["tenant", "subject", "payload", "signer_key"]).doUpdateSet(row))
      .execute();
  },
  list: async (tenant, subject) => {
    const rows = await papersOf(db, tenant, subject);
    return rows.map(toPaper);
  },
  putPackages: async (tenant, subject, packages) => {
    await db.deleteFrom("packages").where("tenant", "=", tenant).where("subject", "=", subject).execute();
    const rows = byPurl(packages).map((one, ordinal) => ({
      tenant,
      subject,
      ordinal,
      ...one,
      search: searchText(one),
    }));
    for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) {
      await db
        .insertInto("packages")
        .values(rows.slice(at, at + ROWS_AT_ONCE))
        .execute();
    }
  },
  listPackages: async (tenant, subject, text, { limit, after }) => {
    let rows = db
      .selectFrom("packages")
      .select(["name", "version", "type", "purl", "licenses"])
      .where("tenant", "=", tenant)
      .where("subject", "=", subject)
      .orderBy("ordinal")
      .limit(limit);
    if (text !== undefined) rows = rows.where(sql<boolean>`search like ${patternFor(text)} escape '\\'`);
    if (after !== undefined) rows = rows.where("purl", ">", after);
    return rows.execute();
  },
});

const papersOf = prepareQuery((db, tenant: string, subject: string) =>
  db
    .selectFrom("papers")
    .selectAll()
    .where("tenant", "=", tenant)
    .where("subject", "=", subject)
    .orderBy("payload")
    .orderBy("signer_key"),
);

/**
 * In the order in which the databases compare, so that a page may begin after any purl; one row for each, as two packages of one
 * purl would fall between two pages.
 */
const byPurl = (packages: readonly PackageRow[]): readonly PackageRow[] => {
  const unique = new Map<string, { readonly bytes: Buffer; readonly one: PackageRow }>();
  for (const { name, version, type, purl, licenses } of packages) {
    if (unique.has(purl)) continue;
    unique.set(purl, { bytes: Buffer.from(escapeText(purl)), one: { name, version, type, purl, licenses } });
  }
  return [...unique.values()].toSorted((a, b) => Buffer.compare(a.bytes, b.bytes)).map(({ one }) => one);
};

const searchText = ({ name, purl }: PackageRow): string => `${name}\n${purl}`.toLowerCase();

const patternFor = (text: string): string => {
  if (text.length > MAX_SEARCH_CHARS)
    throw new WaybillError("LIMIT_EXCEEDED", `the text to look for is longer than ${MAX_SEARCH_CHARS} characters`);
  return `%${text.toLowerCase().replace(/[\\%_]/g, "\\$&")}%`;
};

const toRow = (paper: IssuedPaper): PaperRow => ({
  tenant: paper.tenant,
  subject: paper.subject,
  repository: paper.repository,
  kind: paper.kind,
  predicate_type: paper.predicateType,
  payload: paper.payload,
  signer_key: paper.key,
  annotations: JSON.stringify(paper.annotations),
  predicate: paper.predicate ?? null,
  envelope: paper.envelope ?? null,
  signature: paper.signature ?? null,
  bundle: paper.bundle ?? null,
  verified_at: paper.verifiedAt,
});

const toPaper = (row: PaperRow): IssuedPaper => ({
  tenant: row.tenant,
  subject: readDigest(row.subject),
  repository: row.repository,
  kind: row.kind,
  predicateType: row.predicate_type,
  payload: readDigest(row.payload),
  key: row.signer_key,
  annotations: readTexts(row.annotations),
  predicate: digestOrNone(row.predicate),
  envelope: digestOrNone(row.envelope),
  signature: row.signature ?? undefined,
  bundle: digestOrNone(row.bundle),
  verifiedAt: row.verified_at,
});

const digestOrNone = (text: string | null): Digest | undefined => (text === null ? undefined : readDigest(text));
