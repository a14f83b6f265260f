import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import type { Stats } from "node:fs";
import { copyFile, link, lstat, open, rename, unlink } from "node:fs/promises";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";

interface KeyFile {
  readonly path: string;
  readonly text: string;
}

interface KeyPair {
  readonly private: KeyFile;
  readonly public: KeyFile;
}

/** True when anything has that name, a dangling symbolic link included. */
export const keyFileExists = async (_ctx: Ctx, path: string): Promise<boolean> => (await look(path)) !== undefined;

const look = async (path: string): Promise<Stats | undefined> => {
  try {
    return await lstat(path);
  } catch (cause) {
    if (codeOf(cause) === "ENOENT") return undefined;
    throw failed(path, cause);
  }
};

/**
 * Writes the private key (0600) and the public key (0644 less the umask): both files or none, each whole or not at all.
 * Without `overwrite` a name that is taken is USAGE_INVALID, and what has it stays untouched. STORE_FAILED otherwise.
 */
export const writeKeyPair = async (ctx: Ctx, pair: KeyPair, overwrite: boolean): Promise<void> => {
  // Beside the final names, so that a rename stays on one file system.
  const suffix = `.${randomUUID()}.tmp`;
  const staged = [pair.private, pair.public].map(({ path }) => path + suffix);
  try {
    await stage(pair.private, suffix, 0o600);
    await stage(pair.public, suffix, 0o644);
    ctx.signal.throwIfAborted();
    await (overwrite ? replacePair(pair, suffix) : createPair(pair, suffix));
  } finally {
    for (const path of staged) await removeIfThere(path);
  }
};

const stage = async ({ path, text }: KeyFile, suffix: string, mode: number): Promise<void> => {
  try {
    const file = await open(path + suffix, "wx", mode);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw failed(path, cause);
  }
};

const createPair = async (pair: KeyPair, suffix: string): Promise<void> => {
  await create(pair.private.path, suffix);
  try {
    await create(pair.public.path, suffix);
  } catch (error) {
    await removeIfThere(pair.private.path);
    throw error;
  }
};

const create = async (path: string, suffix: string): Promise<void> => {
  try {
    await linkOrCopy(path + suffix, path);
  } catch (cause) {
    if (codeOf(cause) !== "EEXIST") throw failed(path, cause);
    throw new WaybillError("USAGE_INVALID", `${path} exists already; nothing was written`, {
      cause,
      hint: "Choose another --output-key-prefix, or give -y to overwrite.",
    });
  }
};

/** A link, unlike a rename, fails where the name is taken, and the file has its whole content from the start. */
const linkOrCopy = async (source: string, target: string): Promise<void> => {
  try {
    await link(source, target);
  } catch (cause) {
    // FAT and some network file systems know no links; a copy is exclusive, too.
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"].includes(codeOf(cause))) throw cause;
    await copyFile(source, target, constants.COPYFILE_EXCL);
  }
};

/** Keeps the old private key under another name until both new files stand. */
const replacePair = async (pair: KeyPair, suffix: string): Promise<void> => {
  const old = `${pair.private.path}${suffix}.old`;
  if ((await look(pair.private.path))?.isDirectory() === true) {
    throw new WaybillError("STORE_FAILED", `${pair.private.path} is a directory`);
  }
  const hadOld = await renameIfThere(pair.private.path, old);
  try {
    await replace(pair.private.path, suffix);
    await replace(pair.public.path, suffix);
  } catch (error) {
    if (hadOld) await rename(old, pair.private.path);
    else await removeIfThere(pair.private.path);
    throw error;
  }
  await removeIfThere(old);
};

const replace = async (path: string, suffix: string): Promise<void> => {
  try {
    await rename(path + suffix, path);
  } catch (cause) {
    throw failed(path, cause);
  }
};

const renameIfThere = async (path: string, target: string): Promise<boolean> => {
  try {
    await rename(path, target);
    return true;
  } catch (cause) {
    if (codeOf(cause) === "ENOENT") return false;
    throw failed(path, cause);
  }
};

const removeIfThere = async (path: string): Promise<void> => {
  try {
    await unlink(path);
  } catch (cause) {
    if (codeOf(cause) !== "ENOENT") throw failed(path, cause);
  }
};

const codeOf = (cause: unknown): string =>
  cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : "unknown";

const failed = (path: string, cause: unknown): WaybillError =>
  new WaybillError("STORE_FAILED", `${path} cannot be written (${codeOf(cause)})`, { cause });
