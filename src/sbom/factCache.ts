import type { Ctx } from "#core/ctx.ts";

/**
 * Keeps what was read of layers. It spares work and decides nothing: where it fails, layers are read. Entries are what this
 * program wrote under the same key; whoever can write there can make it list what he likes.
 */
export interface FactCache {
  /** What was written under the key, as a whole; undefined where there is none, or not whole. Never fails. */
  readonly read: (ctx: Ctx, key: string) => Promise<Uint8Array | undefined>;
  /** Keeps the parts as one. Never fails; where it cannot keep them, it does not. */
  readonly write: (ctx: Ctx, key: string, parts: readonly Uint8Array[]) => Promise<void>;
}
