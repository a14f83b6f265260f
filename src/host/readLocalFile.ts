import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import { readAll } from "#core/verifiedBytes.ts";

export interface ReadLimit {
  /** Bytes; LIMIT_EXCEEDED beyond. Holds for pipes as well, whose size nobody knows before. */
  readonly cap: number;
  /** How messages call the file: "the predicate", "the policy". */
  readonly what: string;
}

const REASONS: Readonly<Record<string, string>> = {
  EISDIR: "is a directory",
  EACCES: "may not be read (permission denied)",
  ELOOP: "is a circle of symbolic links",
  ENAMETOOLONG: "is too long a name",
  ENOTDIR: "leads through something that is not a directory",
};

/**
 * Reads a file of the user's whole, up to a cap. NOT_FOUND when it is not there, INPUT_INVALID when it cannot be read;
 * messages name the file and what it is for.
 */
export const readLocalFile = async (ctx: Ctx, path: string, limit: ReadLimit): Promise<Buffer> => {
  try {
    return await readAll(createReadStream(path, { signal: ctx.signal }), limit.cap, `${limit.what} ${path}`);
  } catch (cause) {
    throw explain(cause, path, limit.what);
  }
};

/** The text of a regular file; undefined where there is none at this path, or something else. Errors as `readLocalFile`. */
export const readFileIfThere = async (ctx: Ctx, path: string, limit: ReadLimit): Promise<string | undefined> => {
  try {
    if (!(await stat(path)).isFile()) return undefined;
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw explain(cause, path, limit.what);
  }
  return (await readLocalFile(ctx, path, limit)).toString("utf8");
};

const explain = (cause: unknown, path: string, what: string): unknown => {
  const code = cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : "";
  if (cause instanceof WaybillError || !code.startsWith("E")) return cause;
  if (code === "ENOENT") {
    return new WaybillError("NOT_FOUND", `${what}: there is no file ${path}`, { cause, hint: "Check the path." });
  }
  return new WaybillError("INPUT_INVALID", `${what}: ${path} ${REASONS[code] ?? `cannot be read (${code})`}`, {
    cause,
  });
};
