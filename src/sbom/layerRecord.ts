import type { EntryType, TarEntry } from "#archive/tarEntry.ts";

/**
 * What one layer's archive says, in its order; columns instead of objects, because an image may have a million entries.
 * An entry's ordinal is its place in these columns.
 */
export interface LayerRecord {
  readonly index: number;
  readonly paths: readonly string[];
  readonly types: readonly EntryType[];
  readonly sizes: readonly number[];
  readonly modes: readonly number[];
  /** Symlink targets as written, hard link targets as normalised paths, by ordinal. */
  readonly targets: ReadonlyMap<number, string>;
}

/** A record while its archive is read. */
export interface GrowingRecord extends LayerRecord {
  /** Adds an entry and returns its ordinal. */
  readonly add: (entry: TarEntry) => number;
}

export const createLayerRecord = (index: number): GrowingRecord => {
  const paths: string[] = [];
  const types: EntryType[] = [];
  const sizes: number[] = [];
  const modes: number[] = [];
  const targets = new Map<number, string>();
  const add = (entry: TarEntry): number => {
    const ordinal = paths.push(entry.path) - 1;
    types.push(entry.type);
    sizes.push(entry.size);
    modes.push(entry.mode);
    if (entry.linkTarget !== undefined) targets.set(ordinal, entry.linkTarget);
    return ordinal;
  };
  return { index, paths, types, sizes, modes, targets, add };
};
