import { randomBytes } from "node:crypto";
import { open, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";

/** A result that is written, and not yet in its place: it is put there, or as if it had never been. */
export interface StagedFile {
  /** STORE_FAILED, naming the path; then it is gone. */
  readonly keep: () => Promise<void>;
  readonly drop: () => Promise<void>;
}

/**
 * Writes a result file under another name beside its own, synced. What is no regular file (a pipe, a device) is written only
 * when it is kept, since it cannot be taken back. `mode` is cut by the umask. STORE_FAILED, naming the path.
 */
export const stageLocalFile = async (ctx: Ctx, path: string, bytes: Uint8Array, mode: number): Promise<StagedFile> => {
  ctx.signal.throwIfAborted();
  const existing = await stat(path).catch(() => undefined);
  if (existing !== undefined && !existing.isFile()) {
    return { keep: () => orFailed(path, writeTo(path, "w", bytes, mode)), drop: () => Promise.resolve() };
  }
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}`);
  const drop = (): Promise<void> => rm(temporary, { force: true });
  const orDropped = async (step: Promise<void>): Promise<void> => {
    try {
      await orFailed(path, step);
    } catch (error) {
      await drop();
      throw error;
    }
  };
  await orDropped(writeTo(temporary, "wx", bytes, mode));
  return { keep: () => orDropped(rename(temporary, path)), drop };
};

const orFailed = async (path: string, step: Promise<void>): Promise<void> => {
  try {
    await step;
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "failed";
    throw new WaybillError("STORE_FAILED", `${path} cannot be written (${code})`, { cause });
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
