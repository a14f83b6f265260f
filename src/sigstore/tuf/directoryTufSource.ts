import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import { readAll } from "#core/verifiedBytes.ts";
import type { TufSource } from "#sigstore/tuf/tufSource.ts";

/** A mirror that was carried here as a directory, laid out as a server would give it out. */
export const directoryTufSource = (path: string): TufSource => {
  const directory = resolve(path);
  return { name: directory, get: (ctx, file, cap) => readRegularFile(ctx, join(directory, file), cap) };
};

/** Up to `cap` bytes of a regular file; undefined where there is none. A pipe is not waited for. */
const readRegularFile = async (ctx: Ctx, path: string, cap: number): Promise<Uint8Array | undefined> => {
  ctx.signal.throwIfAborted();
  try {
    await using file = await open(path, OPEN_MODE);
    if (!(await file.stat()).isFile()) throw new WaybillError("TRUST_INVALID", `${path} is no regular file`);
    return await readAll(file.createReadStream({ autoClose: false, signal: ctx.signal }), cap, path);
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "failed";
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    if (cause instanceof WaybillError || ctx.signal.aborted) throw cause;
    throw new WaybillError("STORE_FAILED", `${path} cannot be read (${code})`, { cause });
  }
};

const OPEN_MODE = constants.O_RDONLY | constants.O_NONBLOCK;
