import type { BuildState, Tenant } from "#records/build.ts";

/** An application of a tenant; it exists from its first build on. */
export interface App {
  readonly tenant: Tenant;
  readonly name: string;
  /** UUIDv7, in the order of their first builds. */
  readonly row: string;
  /** Anybody may see the badge, which then shows the state alone. */
  readonly publicBadge: boolean;
  readonly createdAt: number;
}

/** An app together with its latest build. */
export interface AppSummary extends App {
  readonly builds: number;
  readonly latest: { readonly id: string; readonly state: BuildState; readonly updatedAt: number } | undefined;
}
