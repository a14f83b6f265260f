import type { Kysely } from "kysely";
import { digestAlgorithm, digestOf } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import type { DocumentRecords } from "#records/recordStore.ts";
import { readDigest } from "#store/columns.ts";
import { prepareQuery } from "#store/prepareQuery.ts";
import type { Tables } from "#store/tables.ts";

export const documentRecords = (db: Kysely<Tables>): DocumentRecords => ({
  put: async ({ digest, mediaType, bytes }) => {
    if (digestOf(bytes, digestAlgorithm(digest)) !== digest)
      throw new WaybillError("DIGEST_MISMATCH", `a document's bytes are not those of ${digest}`);
    await db
      .insertInto("documents")
      .values({ digest, media_type: mediaType, bytes })
      .onConflict((conflict) => conflict.column("digest").doNothing())
      .execute();
  },
  get: async (digest) => {
    const [row] = await documentOf(db, digest);
    return row && { digest: readDigest(row.digest), mediaType: row.media_type, bytes: plainBytes(row.bytes) };
  },
});

const documentOf = prepareQuery((db, digest: string) =>
  db.selectFrom("documents").selectAll().where("digest", "=", digest),
);

// PostgreSQL's driver gives a Buffer, which is no plain array of bytes to whoever compares or serialises it.
const plainBytes = ({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);
