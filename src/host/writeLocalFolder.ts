import { randomBytes } from "node:crypto";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";

/** A file of a folder that is written. */
export interface FolderFile {
  /** Without slashes. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * Writes a folder of result files whole or not at all: under another name beside it, synced, then renamed. The folder must not be
 * there yet, or be empty. STORE_FAILED, naming the path, when that cannot be done.
 */
export const writeLocalFolder = async (ctx: Ctx, path: string, files: readonly FolderFile[]): Promise<void> => {
  ctx.signal.throwIfAborted();
  const target = resolve(path);
  const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString("hex")}`);
  try {
    await mkdir(temporary);
    for (const { name, bytes } of files) await writeSynced(join(temporary, name), bytes);
    ctx.signal.throwIfAborted();
    await rename(temporary, target);
  } catch (cause) {
    await rm(temporary, { recursive: true, force: true });
    if (ctx.signal.aborted) throw cause;
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "failed";
    const isTaken = code === "ENOTEMPTY" || code === "EEXIST" || code === "ENOTDIR";
    throw new WaybillError("STORE_FAILED", `${path} cannot be written (${code})`, {
      cause,
      ...(isTaken ? { hint: "Name a folder that is not there yet, or an empty one." } : {}),
    });
  }
};

const writeSynced = async (path: string, bytes: Uint8Array): Promise<void> => {
  const file = await open(path, "wx");
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
};
