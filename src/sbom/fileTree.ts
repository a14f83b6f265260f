import { WaybillError } from "#core/errors.ts";

/**
 * A name in the squashed image. A plain file is only the number of its content: an image has millions of them, and most
 * are nobody's evidence.
 */
export type TreeNode = number | HardLink | Symlink | Directory | Device;

export interface HardLink {
  readonly kind: "hardlink";
  readonly content: number;
  /** Layer of this name, not of the content. */
  readonly layer: number;
}

export interface Symlink {
  readonly kind: "symlink";
  /** As written. */
  readonly target: string;
  readonly layer: number;
}

export interface Directory {
  readonly kind: "directory";
  entries: ReadonlyMap<string, TreeNode>;
}

interface Device {
  readonly kind: "device";
}

/** A place in the tree: the names that lead there without any link, and what is there. */
export interface Place {
  readonly names: readonly string[];
  readonly node: TreeNode | undefined;
}

/** How a path is followed. */
export interface Walk {
  /** Whether a symlink at the very end is followed. */
  readonly followLast: boolean;
  /** Makes a directory where the way is barred: nothing there, a file, or a link that leads in circles. */
  readonly make?: (parent: Directory, name: string) => Directory;
}

// Linux: MAXSYMLINKS.
const MAX_HOPS = 40;
// Deeper than any path that a system call takes (PATH_MAX is 4096 bytes).
const MAX_DEPTH = 4096;

// A map of its own takes some two hundred bytes, and most directories of a large image hold nobody's evidence.
const NO_ENTRIES: ReadonlyMap<string, TreeNode> = new Map();

export const createDirectory = (): Directory => ({ kind: "directory", entries: NO_ENTRIES });

/** Puts a node under a name. */
export const setEntry = (directory: Directory, name: string, node: TreeNode): void => {
  if (directory.entries === NO_ENTRIES) directory.entries = new Map();
  (directory.entries as Map<string, TreeNode>).set(name, node);
};

/** Takes away what is there under a name. */
export const removeEntry = (directory: Directory, name: string): void => {
  if (directory.entries !== NO_ENTRIES) (directory.entries as Map<string, TreeNode>).delete(name);
};

export const isDirectory = (node: TreeNode | undefined): node is Directory =>
  typeof node === "object" && node.kind === "directory";

export const isSymlink = (node: TreeNode | undefined): node is Symlink =>
  typeof node === "object" && node.kind === "symlink";

/** Number of the content behind a name, or undefined where it is no file. */
export const contentOf = (node: TreeNode | undefined): number | undefined =>
  typeof node === "number" ? node : node?.kind === "hardlink" ? node.content : undefined;

/**
 * Follows a path from the root as a system whose root this is would: absolute links begin at the root, `..` stops there.
 * Undefined where the way is barred and `make` is absent; LIMIT_EXCEEDED when it would make a path deeper than 4096.
 */
export const walk = (root: Directory, path: string, { followLast, make }: Walk): Place | undefined => {
  const pending = path.split("/").reverse();
  const names: string[] = [];
  const directories = [root];
  let hops = 0;
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (name === "" || name === ".") continue;
    if (name === "..") {
      if (names.pop() !== undefined) directories.pop();
      continue;
    }
    const parent = directories.at(-1) ?? root;
    const child = parent.entries.get(name);
    const last = pending.length === 0;
    if (isSymlink(child) && (followLast || !last)) {
      if (++hops <= MAX_HOPS) {
        if (child.target.startsWith("/")) [names.length, directories.length] = [0, 1];
        for (const part of child.target.split("/").reverse()) pending.push(part);
        continue;
      }
      if (make === undefined) return undefined;
    } else if (last && make === undefined) return { names: [...names, name], node: child };
    const next = isDirectory(child) ? child : make?.(parent, name);
    if (next === undefined) return undefined;
    names.push(name);
    directories.push(next);
    if (names.length > MAX_DEPTH) {
      if (make === undefined) return undefined;
      throw new WaybillError("LIMIT_EXCEEDED", `the image has directories nested deeper than ${MAX_DEPTH}`);
    }
  }
  return { names, node: directories.at(-1) ?? root };
};

/** A link or file that is visible in the image, with its path. */
export interface VisibleName {
  readonly path: string;
  readonly node: number | HardLink | Symlink;
}

/** All files and links for which `wanted` holds; the order is that of the tree. */
export function* visibleNames(
  root: Directory,
  wanted: (node: number | HardLink | Symlink) => boolean,
): Generator<VisibleName> {
  const pending: { readonly prefix: string; readonly directory: Directory }[] = [{ prefix: "", directory: root }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    for (const [name, node] of next.directory.entries) {
      if (isDirectory(node)) pending.push({ prefix: `${next.prefix}${name}/`, directory: node });
      else if ((typeof node === "number" || node.kind !== "device") && wanted(node))
        yield { path: next.prefix + name, node };
    }
  }
}
