import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Log } from "#core/ctx.ts";
import type { Digest } from "#core/digest.ts";
import { isRepository } from "#core/reference.ts";
import { createByteCache } from "#registry/layout/byteCache.ts";
import { readMarker } from "#registry/layout/checkLayout.ts";
import { onDisk } from "#registry/layout/onDisk.ts";
import { openLayoutStore } from "#registry/layout/layoutStore.ts";
import type { LayoutStore } from "#registry/layout/layoutStore.ts";

/** The repositories below one directory: `DIR/NAME` is the OCI layout of repository NAME. */
export interface RepositoryTree {
  /** Undefined where nothing was ever pushed to that name. */
  readonly find: (name: string) => Promise<LayoutStore | undefined>;
  /** The first write makes it. Undefined for a repository that is only shown. */
  readonly openForWriting: (name: string) => LayoutStore | undefined;
  /** Some repository that holds the blob; those that are only shown, and maybe damaged, do not count. */
  readonly findBlob: (digest: Digest) => Promise<LayoutStore | undefined>;
  /** The directory of its layout. */
  readonly pathOf: (name: string) => string;
  /** Names of all repositories, sorted. */
  readonly list: () => Promise<readonly string[]>;
}

const CACHE_BYTES = 64 * 1024 * 1024;
const MAX_OPEN = 1000;
// A mount that finds nothing costs the client an upload; looking everywhere must not cost more.
const MAX_SEARCHED = 1000;
// Names that a layout itself uses: the repository a/blobs must not lie in the blobs of a. No name begins with _.
const RESERVED: ReadonlySet<string> = new Set(["blobs", "index.json", "oci-layout"]);

export interface TreeOptions {
  readonly root: string;
  /** Repositories that are served from layouts elsewhere, exactly as they are, and never written. */
  readonly shown: Readonly<Record<string, string>>;
  /** Nothing is written anywhere. */
  readonly readOnly: boolean;
  readonly log: Log;
}

export const openRepositoryTree = ({ root, shown, readOnly, log }: TreeOptions): RepositoryTree => {
  const cache = createByteCache(CACHE_BYTES);
  const stores = new Map<string, LayoutStore>();
  const existing = new Set<string>();

  const open = (name: string): LayoutStore => {
    const known = stores.get(name);
    if (known !== undefined) return known;
    const store = makeStore(name);
    for (const oldest of stores.keys()) {
      if (stores.size < MAX_OPEN) break;
      stores.delete(oldest);
    }
    stores.set(name, store);
    return store;
  };
  const makeStore = (name: string): LayoutStore =>
    openLayoutStore({
      root: pathOf(name),
      create: !readOnly && !isShown(name),
      cache,
      report: (digest, reason) => log("warn", "manifest skipped", { repository: name, digest, reason }),
    });
  const isShown = (name: string): boolean => Object.hasOwn(shown, name);
  const pathOf = (name: string): string =>
    shown[isShown(name) ? name : ""] ?? join(root, ...name.split("/").map(toFile));

  return {
    find: async (name) => {
      if (!isRepository(name)) return undefined;
      if (!existing.has(name) && (await readMarker(pathOf(name))) === undefined) return undefined;
      existing.add(name);
      return open(name);
    },
    openForWriting: (name) => (!readOnly && isRepository(name) && !isShown(name) ? open(name) : undefined),
    pathOf,
    findBlob: async (digest) => {
      const holds = async (store: LayoutStore): Promise<boolean> => (await store.blobs.size(digest)) !== undefined;
      for (const [name, store] of stores) if (!isShown(name) && (await holds(store))) return store;
      const others = (await findBelow(root, "")).filter((name) => !isShown(name) && !stores.has(name));
      for (const name of others.slice(0, MAX_SEARCHED)) {
        const store = makeStore(name);
        if (await holds(store)) return store;
      }
      return undefined;
    },
    list: async () => [...new Set([...(await findBelow(root, "")), ...Object.keys(shown)])].sort(),
  };
};

const toFile = (part: string): string => (RESERVED.has(part) ? `_${part}` : part);
const fromFile = (file: string): string => file.replace(/^_/, "");

const findBelow = async (directory: string, name: string): Promise<readonly string[]> => {
  const entries = await onDisk(directory, () => readdir(directory, { withFileTypes: true }));
  const found = entries.some((entry) => entry.name === "oci-layout" && entry.isFile()) && name !== "" ? [name] : [];
  for (const entry of entries) {
    if (!entry.isDirectory() || entry.name.startsWith(".") || RESERVED.has(entry.name)) continue;
    const below = name === "" ? fromFile(entry.name) : `${name}/${fromFile(entry.name)}`;
    if (isRepository(below)) found.push(...(await findBelow(join(directory, entry.name), below)));
  }
  return found;
};
