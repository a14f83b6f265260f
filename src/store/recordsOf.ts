import type { Kysely } from "kysely";
import type { Records } from "#records/recordStore.ts";
import { appRecords } from "#store/appRecords.ts";
import { auditRecords } from "#store/auditRecords.ts";
import { buildRecords } from "#store/buildRecords.ts";
import { documentRecords } from "#store/documentRecords.ts";
import { eventRecords } from "#store/eventRecords.ts";
import { gatePassRecords } from "#store/gatePassRecords.ts";
import { imageRecords } from "#store/imageRecords.ts";
import { jobRecords } from "#store/jobRecords.ts";
import { keyRecords } from "#store/keyRecords.ts";
import { operationRecords } from "#store/operationRecords.ts";
import { packageRecords } from "#store/packageRecords.ts";
import { paperRecords } from "#store/paperRecords.ts";
import { replyRecords } from "#store/replyRecords.ts";
import type { Tables } from "#store/tables.ts";
import { tokenRecords } from "#store/tokenRecords.ts";

/** Everything that is kept, as one transaction sees it. */
export const recordsOf = (db: Kysely<Tables>): Records => ({
  apps: appRecords(db),
  builds: buildRecords(db),
  operations: operationRecords(db),
  jobs: jobRecords(db),
  images: imageRecords(db),
  papers: paperRecords(db),
  packages: packageRecords(db),
  documents: documentRecords(db),
  tokens: tokenRecords(db),
  keys: keyRecords(db),
  audit: auditRecords(db),
  events: eventRecords(db),
  replies: replyRecords(db),
  gatePasses: gatePassRecords(db),
});
