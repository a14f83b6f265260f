import type { Kysely } from "kysely";
import type { ImageLayer, IndexedImage } from "#records/imageShape.ts";
import type { ImageRecords } from "#records/recordStore.ts";
import { readDigest } from "#store/columns.ts";
import type { Tables } from "#store/tables.ts";

export const imageRecords = (db: Kysely<Tables>): ImageRecords => ({
  put: async ({ tenant, digest, mediaType, platform, layers, images }) => {
    const content = {
      media_type: mediaType,
      platform: platform ?? null,
      layers: JSON.stringify(layers.map(toLayerJson)),
      images: JSON.stringify(images),
    };
    await db
      .insertInto("images")
      .values({ tenant, digest, ...content })
      .onConflict((conflict) => conflict.columns(["tenant", "digest"]).doUpdateSet(content))
      .execute();
  },
  find: async (tenant, digest) => {
    const row = await db
      .selectFrom("images")
      .selectAll()
      .where("tenant", "=", tenant)
      .where("digest", "=", digest)
      .executeTakeFirst();
    return (
      row && {
        tenant,
        digest,
        mediaType: row.media_type,
        platform: row.platform ?? undefined,
        layers: (JSON.parse(row.layers) as readonly LayerJson[]).map(toLayer),
        images: (JSON.parse(row.images) as readonly IndexedImage[]).map((one) => ({
          digest: readDigest(one.digest),
          platform: one.platform,
        })),
      }
    );
  },
});

type LayerJson = readonly [string, number, string, string | null, number | null];

const toLayerJson = ({ digest, size, mediaType, createdBy, createdAt }: ImageLayer): LayerJson => [
  digest,
  size,
  mediaType,
  createdBy ?? null,
  createdAt ?? null,
];

const toLayer = ([digest, size, mediaType, createdBy, createdAt]: LayerJson): ImageLayer => ({
  digest: readDigest(digest),
  size,
  mediaType,
  createdBy: createdBy ?? undefined,
  createdAt: createdAt ?? undefined,
});
