import type { Migration } from "#store/migration/migration.ts";

/** The public keys of the service, also those that it signs with no more: what they signed is told by them. */
export const createKeys: Migration = {
  id: "0005_keys",
  statements: ({ text, integer, tableEnd }) => [
    `create table service_keys (
    id ${text} not null primary key,
    pem ${text} not null,
    algorithm ${text} not null,
    state ${text} not null,
    first_seen_at ${integer} not null,
    retired_at ${integer}
  )${tableEnd}`,
  ],
};
