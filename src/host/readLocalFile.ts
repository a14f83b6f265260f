import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { Ctx } from "#core/ctx.ts";
import { readAll } from "#core/verifiedBytes.ts";
import { explainReadFailure } from "#host/explainReadFailure.ts";

export interface ReadLimit {
  /** Bytes; LIMIT_EXCEEDED beyond. Holds for pipes as well, whose size nobody knows before. */
  readonly cap: number;
  /** How messages call the file: "the predicate", "the policy". */
  readonly what: string;
}

/**
 * Reads a file of the user's whole, up to a cap. NOT_FOUND when it is not there, INPUT_INVALID when it cannot be read;
 * messages name the file and what it is for.
 */
export const readLocalFile = async (ctx: Ctx, path: string, limit: ReadLimit): Promise<Buffer> => {
  try {
    return await readAll(createReadStream(path, { signal: ctx.signal }), limit.cap, `${limit.what} ${path}`);
  } catch (cause) {
    throw explainReadFailure(cause, path, limit.what);
  }
};

/** The text of a regular file; undefined where there is none at this path, or something else. Errors as `readLocalFile`. */
export const readFileIfThere = async (ctx: Ctx, path: string, limit: ReadLimit): Promise<string | undefined> => {
  try {
    if (!(await stat(path)).isFile()) return undefined;
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw explainReadFailure(cause, path, limit.what);
  }
  return (await readLocalFile(ctx, path, limit)).toString("utf8");
};
