import type { Ctx } from "#core/ctx.ts";
import { readNamedFile } from "#main/readNamedFile.ts";

const MAX_BYTES = 1024 * 1024;

/** The PEM file of `--registry-cacert`, if it is given. */
export const readAuthorities = async (ctx: Ctx, path: string | undefined): Promise<string | undefined> => {
  if (path === undefined) return undefined;
  return Buffer.from(await readNamedFile(ctx, path, { cap: MAX_BYTES, what: "--registry-cacert" })).toString();
};
