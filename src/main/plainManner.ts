import type { ScanManner } from "#sbom/scanManner.ts";

/** How images are read where nobody can say how; without the cache, because what is found is signed. */
export const plainManner = (jobs: number): ScanManner => ({ jobs, scope: "squashed", cache: false, limits: {} });
