import type { Migration } from "#store/migration/migration.ts";

/** What images consist of: layers and, of an index, images, as JSON lists, since nothing looks for one of them alone. */
export const createImages: Migration = {
  id: "0002_images",
  statements: ({ text, tableEnd }) => [
    `create table images (
    tenant ${text} not null,
    digest ${text} not null,
    media_type ${text} not null,
    platform ${text},
    layers ${text} not null,
    images ${text} not null,
    primary key (tenant, digest)
  )${tableEnd}`,
  ],
};
