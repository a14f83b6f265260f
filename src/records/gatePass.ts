import type { Tenant } from "#records/build.ts";

/** A build that was let pass although its image was not signed: the newest time for each build. */
export interface GatePass {
  readonly tenant: Tenant;
  readonly app: string;
  readonly build: string;
  /** The operation that had not signed; undefined where nobody had asked for papers. */
  readonly operation: string | undefined;
  /** Why it was not signed: a code of the error table. */
  readonly code: string;
  readonly at: number;
}
