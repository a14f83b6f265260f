import { WaybillError } from "#core/errors.ts";
import { formatTar } from "#archive/formatTar.ts";
import type { TarSource } from "#archive/tarSource.ts";

/**
 * Writes a tar archive (ustar, PAX records where a name or size does not fit) that depends on the entries alone: sorted by
 * path, missing parents added with mode 0755, owner 0:0, no times. Throws INPUT_INVALID for a path that is absolute,
 * repeated or leaves the root, SIZE_SHORT or SIZE_LONG where a file does not have the size announced.
 */
export async function* writeTar(entries: readonly TarSource[]): AsyncGenerator<Uint8Array> {
  yield* formatTar(arrange(entries));
}

const arrange = (entries: readonly TarSource[]): readonly TarSource[] => {
  const byPath = new Map<string, TarSource>();
  for (const entry of entries) {
    checkPath(entry.path);
    if (byPath.has(entry.path)) throw new WaybillError("INPUT_INVALID", `${entry.path} is twice in one archive`);
    byPath.set(entry.path, entry);
  }
  for (const { path } of entries) addParents(byPath, path);
  // UTF-16 order would do as well; what counts is that it is one order and that a parent's path, a prefix, comes first.
  return [...byPath.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
};

const addParents = (byPath: Map<string, TarSource>, path: string): void => {
  for (let slash = path.lastIndexOf("/"); slash > 0; slash = path.lastIndexOf("/", slash - 1)) {
    const parent = path.slice(0, slash);
    const known = byPath.get(parent);
    if (known === undefined) byPath.set(parent, { path: parent, type: "directory", mode: 0o755 });
    else if (known.type !== "directory")
      throw new WaybillError("INPUT_INVALID", `${path} lies below ${parent}, which is a ${known.type}`);
  }
};

const checkPath = (path: string): void => {
  const parts = path.split("/");
  if (path.includes("\0") || parts.some((part) => part === "" || part === "." || part === ".."))
    throw new WaybillError("INPUT_INVALID", `${JSON.stringify(path.slice(0, 200))} is not a plain relative path`);
};
