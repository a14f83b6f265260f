import type { Ctx } from "#core/ctx.ts";
import { WaybillError, hasCode } from "#core/errors.ts";
import { readLocalFile } from "#host/readLocalFile.ts";
import type { ReadLimit } from "#host/readLocalFile.ts";

/**
 * A file that a setting names, whole. CONFIG_INVALID where it cannot be had: "not found" is said of what a registry does not
 * have, and of nothing else that an image needs.
 */
export const readNamedFile = async (ctx: Ctx, path: string, limit: ReadLimit): Promise<Uint8Array> => {
  try {
    return await readLocalFile(ctx, path, limit);
  } catch (error) {
    if (!hasCode(error, "NOT_FOUND", "INPUT_INVALID", "LIMIT_EXCEEDED")) throw error;
    throw new WaybillError("CONFIG_INVALID", error.message, { cause: error });
  }
};
