import type { DialectWords, Migration } from "#store/migration/migration.ts";

/** What an unsigned image means for whoever waits, and which builds passed without a signature. */
export const addIssueModes: Migration = {
  id: "0004_issue_modes",
  statements: ({ text, integer, tableEnd }: DialectWords) => [
    // What was asked for before there were modes held nobody up.
    `alter table operations add column mode ${text} not null default 'best-effort'`,
    `create table gate_passes (
      tenant ${text} not null,
      app ${text} not null,
      build ${text} not null,
      operation ${text},
      code ${text} not null,
      at ${integer} not null,
      primary key (tenant, app, build),
      foreign key (tenant, app, build) references builds (tenant, app, id)
    )${tableEnd}`,
  ],
};
