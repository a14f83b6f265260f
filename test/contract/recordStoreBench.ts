import type { Ctx } from "#core/ctx.ts";
import type { Records } from "#records/recordStore.ts";
import type { StoreReport } from "#store/openStore.ts";

/** The empty store of the test that runs. */
export interface StoreBench {
  readonly read: <T>(work: (records: Records) => Promise<T>) => Promise<T>;
  readonly write: <T>(work: (records: Records) => Promise<T>) => Promise<T>;
  readonly readAs: <T>(ctx: Ctx, work: (records: Records) => Promise<T>) => Promise<T>;
  readonly writeAs: <T>(ctx: Ctx, work: (records: Records) => Promise<T>) => Promise<T>;
  /** One app, one build of it, one operation. */
  readonly seed: () => Promise<void>;
  readonly check: () => Promise<StoreReport>;
  readonly close: () => Promise<void>;
}
