import type { Kysely } from "kysely";
import type { Digest } from "#core/digest.ts";
import type { IssuedPaper } from "#records/paper.ts";
import type { PaperRecords } from "#records/recordStore.ts";
import { readDigest, readTexts } from "#store/columns.ts";
import { prepareQuery } from "#store/prepareQuery.ts";
import type { PaperRow, Tables } from "#store/tables.ts";

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
