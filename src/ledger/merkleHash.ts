import { hash } from "node:crypto";

/** Bytes of every hash in a tree. */
export const HASH_SIZE = 32;

/** What a tree without leaves hashes to (RFC 6962 section 2.1). */
export const EMPTY_ROOT: Uint8Array = hash("sha256", "", "buffer");

// The first byte keeps a leaf from passing as a node (RFC 6962 section 2.1).
const LEAF = Buffer.of(0);

/** Hash of an entry as a leaf. */
export const hashLeaf = (entry: Uint8Array): Uint8Array => hash("sha256", Buffer.concat([LEAF, entry]), "buffer");

// Nothing else runs between filling and hashing it, and a proof has thirty nodes.
const PAIR = Buffer.alloc(1 + 2 * HASH_SIZE, 1);

/** Hash of the node above two others, 32 bytes each. */
export const hashNode = (left: Uint8Array, right: Uint8Array): Uint8Array => {
  PAIR.set(left, 1);
  PAIR.set(right, 1 + HASH_SIZE);
  return hash("sha256", PAIR, "buffer");
};
