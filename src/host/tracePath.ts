import { createReadStream } from "node:fs";
import { lstat, readlink } from "node:fs/promises";
import { posix } from "node:path";
import type { TarSource } from "#archive/tarSource.ts";
import { WaybillError } from "#core/errors.ts";

const READ_CHUNK = 1024 * 1024;
// As many as Linux follows (ELOOP).
const MAX_LINKS = 40;

/**
 * What an archive of the root needs so that this absolute path leads to the same file: every link on the way, then the
 * file itself at its real place. A path on a merged-/usr system thus brings `lib -> usr/lib` along. Empty when nothing is
 * there or when it is not a regular file. `root` is where `/` is, with its trailing slash.
 */
export const tracePath = async (path: string, root = "/"): Promise<readonly TarSource[]> => {
  const found: TarSource[] = [];
  let waiting = split(path);
  let place: readonly string[] = [];
  let links = 0;
  while (waiting.length > 0) {
    const [name = "", ...rest] = waiting;
    const here = name === ".." ? place.slice(0, -1) : [...place, name];
    const stat = await lstat(`${root}${here.join("/")}`).catch(() => undefined);
    if (stat === undefined) return [];
    if (stat.isSymbolicLink()) {
      if (++links > MAX_LINKS) throw new WaybillError("INPUT_INVALID", `${path}: too many symbolic links`);
      const linkTarget = await readlink(`${root}${here.join("/")}`);
      found.push({ path: here.join("/"), type: "symlink", mode: 0o777, linkTarget });
      waiting = [...split(linkTarget), ...rest];
      if (posix.isAbsolute(linkTarget)) place = [];
    } else if (stat.isFile() && rest.length === 0) {
      return [...found, fileSource(here.join("/"), `${root}${here.join("/")}`, stat)];
    } else {
      waiting = rest;
      place = here;
    }
  }
  return [];
};

/** A regular file of this machine, to be read when the archive is written. */
export const fileSource = (
  path: string,
  from: string,
  stat: { readonly size: number; readonly mode: number },
): TarSource => ({
  path,
  type: "file",
  mode: stat.mode & 0o7777,
  size: stat.size,
  // `end` keeps a file that grows meanwhile at the size announced.
  open: () => createReadStream(from, { highWaterMark: READ_CHUNK, ...(stat.size > 0 && { end: stat.size - 1 }) }),
});

const split = (path: string): readonly string[] => path.split("/").filter((part) => part !== "" && part !== ".");
