import type { Migration } from "#store/migration/migration.ts";

/** Counting what was given up must not read all jobs that ever were. */
export const indexDeadJobs: Migration = {
  id: "0007_dead_jobs",
  statements: () => [`create index jobs_dead on jobs (id) where state = 'dead'`],
};
