import type { Migration } from "#store/migration/migration.ts";

/** Lists of packages that are written before they are seen. Each list that is there becomes one that is shown. */
export const createPackageLists: Migration = {
  id: "0006_package_lists",
  statements: ({ text, integer, tableEnd }) => [
    `create table package_lists (
    id ${text} not null primary key,
    tenant ${text} not null,
    subject ${text} not null,
    total ${integer} not null,
    listed ${integer} not null,
    hidden_at ${integer}
  )${tableEnd}`,
    `create unique index package_lists_shown on package_lists (tenant, subject) where hidden_at is null`,
    `create index package_lists_hidden on package_lists (hidden_at) where hidden_at is not null`,
    `create table package_rows (
    list ${text} not null,
    ordinal ${integer} not null,
    name ${text} not null,
    version ${text} not null,
    type ${text} not null,
    purl ${text} not null,
    licenses ${text} not null,
    search ${text} not null,
    primary key (list, ordinal)
  )${tableEnd}`,
    `insert into package_lists
      select tenant || ' ' || subject, tenant, subject, count(*), count(*), null from packages group by tenant, subject`,
    `insert into package_rows
      select tenant || ' ' || subject, ordinal, name, version, type, purl, licenses, search from packages`,
    `drop table packages`,
  ],
};
