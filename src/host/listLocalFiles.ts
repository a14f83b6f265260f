import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import { mapLimited } from "#core/limit.ts";

export interface LocalFiles {
  /** Paths below the directory's own, sorted. */
  readonly files: readonly string[];
  /** Links to directories, which are not followed: they may lead anywhere, and in a circle. */
  readonly links: readonly string[];
}

const MAX_FILES = 10_000;
const MAX_DEPTH = 50;

/**
 * Files at any depth of a directory whose names end in one of `endings`; what begins with a dot is left out. Undefined where the
 * path is no directory. LIMIT_EXCEEDED above 10,000 files, INPUT_INVALID for a directory that cannot be read.
 */
export const listLocalFiles = async (
  ctx: Ctx,
  path: string,
  endings: readonly string[],
): Promise<LocalFiles | undefined> => {
  if ((await stat(path).catch(() => undefined))?.isDirectory() !== true) return undefined;
  const files: string[] = [];
  const links: string[] = [];
  const visit = async (directory: string, depth: number): Promise<void> => {
    ctx.signal.throwIfAborted();
    for (const entry of await readEntries(directory)) {
      const one = join(directory, entry.name);
      if (entry.name.startsWith(".")) continue;
      if (entry.isDirectory() && depth < MAX_DEPTH) await visit(one, depth + 1);
      else if (entry.isDirectory()) throw tooMuch(path, `is deeper than ${MAX_DEPTH} directories`);
      else if (endings.some((ending) => one.endsWith(ending))) files.push(one);
      else if (entry.isSymbolicLink()) links.push(one);
      if (files.length > MAX_FILES) throw tooMuch(path, `holds more than ${MAX_FILES} files`);
    }
  };
  await visit(path, 0);
  const led = await mapLimited(
    links,
    8,
    async (one) => (await stat(one).catch(() => undefined))?.isDirectory() === true,
  );
  return { files: files.toSorted(), links: links.filter((_, at) => led[at]) };
};

const readEntries = async (directory: string) => {
  try {
    return await readdir(directory, { withFileTypes: true });
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "failed";
    throw new WaybillError("INPUT_INVALID", `the directory ${directory} cannot be read (${code})`, { cause });
  }
};

const tooMuch = (path: string, what: string): WaybillError => new WaybillError("LIMIT_EXCEEDED", `${path} ${what}`);
