import type { z } from "zod";
import type { BUILD, OPERATION } from "#api/contract/buildRoutes.ts";
import type { BADGE, IMAGE_PAPERS, PACKAGE_PAGE, PAPER } from "#api/contract/paperRoutes.ts";
import type { APP_PAGE, AUDIT_PAGE, JOB_PAGE, KEYS, LIVE_EVENT, OVERVIEW } from "#api/contract/serviceRoutes.ts";

// What the API answers, in the words of its contract.

export type Build = z.infer<typeof BUILD>;
export type Operation = z.infer<typeof OPERATION>;
export type Paper = z.infer<typeof PAPER>;
export type ImagePapers = z.infer<typeof IMAGE_PAPERS>;
export type PackagePage = z.infer<typeof PACKAGE_PAGE>;
export type Package = PackagePage["items"][number];
export type Badge = z.infer<typeof BADGE>;
export type AppPage = z.infer<typeof APP_PAGE>;
export type App = AppPage["items"][number];
export type JobPage = z.infer<typeof JOB_PAGE>;
export type Job = JobPage["items"][number];
export type Keys = z.infer<typeof KEYS>;
export type AuditPage = z.infer<typeof AUDIT_PAGE>;
export type AuditEntry = AuditPage["items"][number];
export type Overview = z.infer<typeof OVERVIEW>;
export type LiveEvent = z.infer<typeof LIVE_EVENT>;

/** A page of any list. */
export interface ListPage<T> {
  readonly items: readonly T[];
  readonly next_page_token: string | null;
  readonly total: { readonly count: number; readonly type: "EXACT" | "AT_LEAST" };
}
