import { randomBytes } from "node:crypto";
import { open, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";

/**
 * Writes a result file whole or not at all: under another name beside it, synced, then renamed. What is no regular file
 * (a pipe, a device) is written directly. `mode` is cut by the umask. STORE_FAILED, naming the path, when that cannot be done.
 */
export const writeLocalFile = async (ctx: Ctx, path: string, bytes: Uint8Array, mode = 0o666): Promise<void> => {
  ctx.signal.throwIfAborted();
  const existing = await stat(path).catch(() => undefined);
  try {
    if (existing === undefined || existing.isFile()) await replaceFile(path, bytes, mode);
    else await writeTo(path, "w", bytes, mode);
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "failed";
    throw new WaybillError("STORE_FAILED", `${path} cannot be written (${code})`, { cause });
  }
};

const replaceFile = async (path: string, bytes: Uint8Array, mode: number): Promise<void> => {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}`);
  try {
    await writeTo(temporary, "wx", bytes, mode);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
};

const writeTo = async (path: string, flags: "w" | "wx", bytes: Uint8Array, mode: number): Promise<void> => {
  const file = await open(path, flags, mode);
  try {
    await file.writeFile(bytes);
    // A pipe cannot be synced, and needs not to be.
    if (flags === "wx") await file.sync();
  } finally {
    await file.close();
  }
};
