import type { Ctx } from "#core/ctx.ts";

/** Files that are signed, and where their papers lie. */
export interface BlobFiles {
  /** Bytes of a file or, for `-`, of stdin, once; a chunk is good until the next one is asked for. NOT_FOUND, INPUT_INVALID. */
  readonly open: (ctx: Ctx, path: string) => AsyncIterable<Uint8Array>;
  /** A paper's file whole. NOT_FOUND, INPUT_INVALID, LIMIT_EXCEEDED. */
  readonly readPaper: (ctx: Ctx, path: string) => Promise<Uint8Array>;
  /** Whole or not at all. STORE_FAILED. */
  readonly write: (ctx: Ctx, path: string, bytes: Uint8Array) => Promise<void>;
}
