import type { Ctx } from "#core/ctx.ts";

/** Where the files of a TUF repository are. */
export interface TufSource {
  /** For messages and for naming its cache: a URL or an absolute path. */
  readonly name: string;
  /**
   * The file at a path that the repository's own rules make, up to `cap` bytes; undefined only where it is certain that there
   * is none. LIMIT_EXCEEDED beyond the cap, else whatever reaching it throws.
   */
  readonly get: (ctx: Ctx, path: string, cap: number) => Promise<Uint8Array | undefined>;
}
