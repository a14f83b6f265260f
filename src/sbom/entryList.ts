import type { EntryType, TarEntry } from "#archive/tarEntry.ts";
import { isMarker } from "#sbom/whiteout.ts";

/** One entry of a layer as it is remembered. */
export interface LayerEntry {
  /** Place in the archive, from 0. */
  readonly ordinal: number;
  readonly type: EntryType;
  /** Path of the directory, without slashes at its ends; "" is the root. Equal to the one before where both are siblings. */
  readonly parent: string;
  /** Last segment; "" is the root itself. */
  readonly name: string;
  readonly size: number;
  readonly mode: number;
  /** Symlink targets as written, hard link targets as normalised paths. */
  readonly target: string | undefined;
}

/**
 * What one layer's archive says, in its order, in some twenty bytes an entry: an image may have millions of them. It can be
 * read from the start only, crosses threads as it is, and is what a cache keeps.
 */
export interface EntryList {
  readonly count: number;
  readonly bytes: Uint8Array;
  /** Whether any of them is a whiteout's marker. */
  readonly hasMarkers: boolean;
  /** Last names of all places that links lead to, each once. */
  readonly linkedNames: readonly string[];
}

/** A list while its archive is read. */
export interface GrowingList {
  /** Adds an entry and returns its ordinal. */
  readonly add: (entry: TarEntry) => number;
  readonly finish: () => EntryList;
}

// Their places are the numbers in the list's bytes: a change needs another engine version (factKey.ts).
const TYPES: readonly EntryType[] = ["file", "directory", "symlink", "hardlink", "other"];
const TYPE_BITS = 7;
const SIBLING = 8;
const LINKED = 16;
// Longest form of a varint of 53 bits; an entry has four.
const MAX_NUMBERS = 4 * 8;
const FIRST_BYTES = 64 * 1024;

/** An empty list. Each entry is a byte of flags, its directory unless that is the one before, its name, and numbers as LEB128. */
export const createEntryList = (): GrowingList => {
  let bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  let length = 0;
  let count = 0;
  let lastParent = "";
  let hasMarkers = false;
  const linkedNames = new Set<string>();
  const reserve = (more: number): void => {
    if (length + more <= bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(bytes.length * 2, length + more));
    bytes.copy(larger, 0, 0, length);
    bytes = larger;
  };
  const number = (value: number): void => {
    let left = value;
    for (; left >= 0x80; left = Math.floor(left / 0x80)) bytes[length++] = (left % 0x80) | 0x80;
    bytes[length++] = left;
  };
  const text = (value: string): void => {
    const size = Buffer.byteLength(value);
    reserve(size + MAX_NUMBERS);
    number(size);
    length += bytes.write(value, length);
  };
  const add = ({ path, type, size, mode, linkTarget }: TarEntry): number => {
    const slash = path.lastIndexOf("/");
    const parent = path.slice(0, Math.max(slash, 0));
    const isSibling = parent === lastParent;
    reserve(MAX_NUMBERS);
    bytes[length++] = TYPES.indexOf(type) | (isSibling ? SIBLING : 0) | (linkTarget === undefined ? 0 : LINKED);
    if (!isSibling) text((lastParent = parent));
    text(path.slice(slash + 1));
    number(size);
    number(mode);
    hasMarkers ||= isMarker(path);
    if (linkTarget !== undefined) {
      text(linkTarget);
      linkedNames.add(lastNameOf(linkTarget));
    }
    return count++;
  };
  const finish = (): EntryList => ({
    count,
    bytes: new Uint8Array(bytes.subarray(0, length)),
    hasMarkers,
    linkedNames: [...linkedNames],
  });
  return { add, finish };
};

const lastNameOf = (target: string): string => {
  let end = target.length;
  while (end > 0 && target[end - 1] === "/") end--;
  return target.slice(target.lastIndexOf("/", end - 1) + 1, end);
};

/** The entries in their order. */
export function* readEntries({ bytes, count }: EntryList): Generator<LayerEntry> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  let parent = "";
  const number = (): number => {
    let value = 0;
    for (let unit = 1; ; unit *= 0x80) {
      const byte = buffer[at++] ?? 0;
      value += (byte & 0x7f) * unit;
      if (byte < 0x80) return value;
    }
  };
  const text = (): string => {
    const size = number();
    at += size;
    return buffer.toString("utf8", at - size, at);
  };
  for (let ordinal = 0; ordinal < count; ordinal++) {
    const flags = buffer[at++] ?? 0;
    if ((flags & SIBLING) === 0) parent = text();
    const name = text();
    const size = number();
    const mode = number();
    const target = (flags & LINKED) === 0 ? undefined : text();
    yield { ordinal, type: TYPES[flags & TYPE_BITS] ?? "other", parent, name, size, mode, target };
  }
}

/** Path of an entry. */
export const pathOf = ({ parent, name }: Pick<LayerEntry, "parent" | "name">): string =>
  parent === "" ? name : `${parent}/${name}`;
