import type { Migration } from "#store/migration/migration.ts";

/** Whoever looks for one actor, action or object in the audit log reads what fits alone, however long the log is. */
export const addAuditFilters: Migration = {
  id: "0003_audit_filters",
  statements: () => [
    `create index audit_by_action on audit (tenant, action, seq)`,
    `create index audit_by_actor on audit (tenant, actor, seq)`,
    `create index audit_by_object on audit (tenant, object, seq)`,
  ],
};
