import type { Ctx } from "#core/ctx.ts";
import type { RecordStore } from "#records/recordStore.ts";

/** What `check` found. */
export interface StoreReport {
  readonly ok: boolean;
  /** Sentences; the first hundred. */
  readonly problems: readonly string[];
  /** Entries of the audit log. */
  readonly entries: number;
}

/** A store that is open until it is closed. */
export interface OpenStore extends RecordStore {
  /** Reads all of it, a piece at a time, and changes nothing. */
  readonly check: (ctx: Ctx) => Promise<StoreReport>;
  /** Waits for what is under way. */
  readonly close: () => Promise<void>;
}
