import type { Repository } from "#core/content.ts";

/** Where the papers about what is in a repository are read and written. */
export const paperRepository = (repository: Repository): Repository => repository.papers?.repository ?? repository;
