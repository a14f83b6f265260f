import { WaybillError } from "#core/errors.ts";
import { EMPTY_ROOT, HASH_SIZE, hashNode } from "#ledger/merkleHash.ts";

/**
 * A growing Merkle tree (RFC 6962 section 2.1). All positions and sizes are leaves, counted from 0; asking for what is not
 * in the tree is INPUT_INVALID.
 */
export interface MerkleTree {
  /** Adds `hashLeaf(entry)` and gives its index. */
  readonly append: (leafHash: Uint8Array) => bigint;
  readonly size: bigint;
  /** Of the whole tree, or as it was with the first `size` leaves. */
  readonly root: (size?: bigint) => Uint8Array;
  /** Siblings from the leaf up, in the tree of the first `size` leaves. */
  readonly inclusionProof: (index: bigint, size?: bigint) => readonly Uint8Array[];
  /** That the tree of the first `n` leaves begins with that of the first `m`. */
  readonly consistencyProof: (m: bigint, n?: bigint) => readonly Uint8Array[];
  /** `width` hashes of tile `index` of a level, 32 bytes each, one after another (C2SP tlog-tiles). */
  readonly tile: (level: number, index: bigint, width?: number) => Uint8Array;
}

/** An empty tree in memory: it keeps the root of every whole subtree, two hashes a leaf. */
export const createMerkleTree = (): MerkleTree => {
  // rows[h] holds the roots of the whole subtrees of 2^h leaves, from the left.
  const rows: Uint8Array[][] = [[]];
  return {
    append: (leafHash) => append(rows, leafHash),
    get size() {
      return sizeOf(rows);
    },
    root: (size = sizeOf(rows)) => {
      demandWithin(rows, size);
      return size === 0n ? EMPTY_ROOT : subtree(rows, 0n, size);
    },
    inclusionProof: (index, size = sizeOf(rows)) => {
      demandWithin(rows, size);
      if (index < 0n || index >= size) throw outside(`leaf ${index}`, size);
      return inclusionPath(rows, index, 0n, size);
    },
    consistencyProof: (m, n = sizeOf(rows)) => {
      demandWithin(rows, n);
      if (m < 0n || m > n) throw outside(`a tree of ${m}`, n);
      return m === 0n ? [] : consistencyPath(rows, m, { start: 0n, end: n, isKnown: true });
    },
    tile: (level, index, width = TILE_WIDTH) => {
      const start = Number(index) * TILE_WIDTH;
      const hashes = rows[level * TILE_HEIGHT]?.slice(start, start + width) ?? [];
      if (width < 1 || width > TILE_WIDTH || hashes.length !== width)
        throw outside(`tile ${level}/${index}.p/${width}`, sizeOf(rows));
      return Buffer.concat(hashes);
    },
  };
};

const TILE_HEIGHT = 8;
const TILE_WIDTH = 256;

type Rows = readonly Uint8Array[][];

const sizeOf = (rows: Rows): bigint => BigInt(rows[0]?.length ?? 0);

const append = (rows: Uint8Array[][], leafHash: Uint8Array): bigint => {
  if (leafHash.length !== HASH_SIZE) throw new WaybillError("INPUT_INVALID", "log: a leaf hash has 32 bytes");
  let node = leafHash;
  for (let height = 0; ; height++) {
    const row = (rows[height] ??= []);
    const left = row.at(-1);
    row.push(node);
    // Only the second of a pair makes the node above them whole.
    if (left === undefined || row.length % 2 === 1) return sizeOf(rows) - 1n;
    node = hashNode(left, node);
  }
};

/** Root over the leaves from `start` to before `end`, where `start` is a multiple of the power of two that covers them. */
const subtree = (rows: Rows, start: bigint, end: bigint): Uint8Array => {
  const half = splitOf(end - start);
  const isWhole = (end - start) & (end - start - 1n);
  if (isWhole !== 0n) return hashNode(subtree(rows, start, start + half), subtree(rows, start + half, end));
  const height = (end - start).toString(2).length - 1;
  const node = rows[height]?.[Number(start >> BigInt(height))];
  if (node === undefined) throw outside(`leaf ${start}`, sizeOf(rows));
  return node;
};

/** The largest power of two below a size of at least 2 (RFC 6962 section 2.1). */
const splitOf = (size: bigint): bigint => (size < 2n ? 0n : 1n << BigInt((size - 1n).toString(2).length - 1));

/** RFC 6962 section 2.1.1. */
const inclusionPath = (rows: Rows, index: bigint, start: bigint, end: bigint): readonly Uint8Array[] => {
  if (end - start === 1n) return [];
  const middle = start + splitOf(end - start);
  return index < middle
    ? [...inclusionPath(rows, index, start, middle), subtree(rows, middle, end)]
    : [...inclusionPath(rows, index, middle, end), subtree(rows, start, middle)];
};

interface Span {
  readonly start: bigint;
  readonly end: bigint;
  /** Whether the reader knows the root of this subtree, because it is the whole first tree. */
  readonly isKnown: boolean;
}

/** RFC 6962 section 2.1.2; `m` counts from the tree's first leaf. */
const consistencyPath = (rows: Rows, m: bigint, { start, end, isKnown }: Span): readonly Uint8Array[] => {
  if (m === end) return isKnown ? [] : [subtree(rows, start, end)];
  const middle = start + splitOf(end - start);
  return m <= middle
    ? [...consistencyPath(rows, m, { start, end: middle, isKnown }), subtree(rows, middle, end)]
    : [...consistencyPath(rows, m, { start: middle, end, isKnown: false }), subtree(rows, start, middle)];
};

const demandWithin = (rows: Rows, size: bigint): void => {
  if (size < 0n || size > sizeOf(rows)) throw outside(`a tree of ${size}`, sizeOf(rows));
};

const outside = (what: string, size: bigint): WaybillError =>
  new WaybillError("INPUT_INVALID", `log: ${what} is not in the tree of ${size} entries`);
