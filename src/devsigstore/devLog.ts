import { WaybillError } from "#core/errors.ts";
import { writeCheckpoint } from "#ledger/checkpoint.ts";
import { hashLeaf } from "#ledger/merkleHash.ts";
import { createMerkleTree } from "#ledger/merkleTree.ts";
import type { MerkleTree } from "#ledger/merkleTree.ts";
import { writeNote } from "#ledger/note.ts";
import { noteKeyHash, noteKeyId } from "#ledger/noteKey.ts";
import type { DevKey } from "#devsigstore/devKey.ts";

/** A log in memory: entries with their tree. */
export interface DevLog<T> {
  readonly tree: MerkleTree;
  /** Index of the new entry; `added` is what the tree is over. LIMIT_EXCEEDED for large entries, and when the log is full. */
  readonly append: (added: Uint8Array, entry: T) => bigint;
  readonly entry: (index: bigint) => T | undefined;
  /** By the hash of the leaf. */
  readonly find: (leafHash: Uint8Array) => bigint | undefined;
}

export interface LogLimits {
  readonly entries: number;
  /** Bytes of one entry; C2SP tlog-tiles has two bytes for its length. */
  readonly entryBytes: number;
  /** Bytes of all entries. */
  readonly bytes: number;
}

// A try-out has dozens of some kilobytes; whoever lets it run must not fill the memory.
const LIMITS: LogLimits = { entries: 100_000, entryBytes: 65_535, bytes: 256 * 1024 * 1024 };

export const createDevLog = <T>(limits: LogLimits = LIMITS): DevLog<T> => {
  const tree = createMerkleTree();
  const entries: T[] = [];
  const indices = new Map<string, bigint>();
  let bytes = 0;
  return {
    tree,
    append: (added, entry) => {
      const { byteLength } = added;
      if (byteLength > limits.entryBytes) throw over(`an entry of ${byteLength} bytes; it takes ${limits.entryBytes}`);
      if (entries.length >= limits.entries || bytes + byteLength > limits.bytes)
        throw over(`the log is full: it takes ${limits.entries} entries of ${limits.bytes} bytes together`);
      bytes += byteLength;
      const leafHash = hashLeaf(added);
      const index = tree.append(leafHash);
      indices.set(hexOf(leafHash), index);
      entries.push(entry);
      return index;
    },
    entry: (index) => entries[Number(index)],
    find: (leafHash) => indices.get(hexOf(leafHash)),
  };
};

const hexOf = (hash: Uint8Array): string => Buffer.from(hash).toString("hex");

const over = (what: string): WaybillError => new WaybillError("LIMIT_EXCEEDED", what);

/** Who signs checkpoints, and as what. */
export interface CheckpointSigner {
  readonly origin: string;
  /** Under which the key signs; that of Rekor v1 is the host alone. */
  readonly name: string;
  readonly key: DevKey;
}

/** A signed checkpoint of the tree as it is. */
export const signCheckpoint = (tree: MerkleTree, { origin, name, key }: CheckpointSigner): string => {
  const text = writeCheckpoint({ origin, size: tree.size, root: tree.root(), extensions: [] });
  const id = noteKeyId(noteKeyHash(name, key.publicKey));
  return writeNote({ text, signatures: [{ name, id, signature: key.sign(Buffer.from(text)) }] });
};
