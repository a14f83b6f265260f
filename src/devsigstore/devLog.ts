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
  /** Index of the new entry; `bytes` are what the tree is over. LIMIT_EXCEEDED when the log is full. */
  readonly append: (bytes: Uint8Array, entry: T) => bigint;
  readonly entry: (index: bigint) => T | undefined;
  /** By the hash of the leaf. */
  readonly find: (leafHash: Uint8Array) => bigint | undefined;
}

// A try-out has dozens; whoever lets it run must not fill the memory.
const MAX_ENTRIES = 100_000;

export const createDevLog = <T>(): DevLog<T> => {
  const tree = createMerkleTree();
  const entries: T[] = [];
  const indices = new Map<string, bigint>();
  return {
    tree,
    append: (bytes, entry) => {
      if (entries.length >= MAX_ENTRIES)
        throw new WaybillError("LIMIT_EXCEEDED", `the log is full: it takes ${MAX_ENTRIES} entries`);
      const leafHash = hashLeaf(bytes);
      const index = tree.append(leafHash);
      indices.set(Buffer.from(leafHash).toString("hex"), index);
      entries.push(entry);
      return index;
    },
    entry: (index) => entries[Number(index)],
    find: (leafHash) => indices.get(Buffer.from(leafHash).toString("hex")),
  };
};

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
