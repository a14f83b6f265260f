import { HASH_SIZE, hashNode } from "#ledger/merkleHash.ts";

/** That a leaf is in a tree; as a log gives it. */
export interface InclusionClaim {
  /** Position of the leaf, from 0. */
  readonly index: bigint;
  /** Leaves in the tree. */
  readonly size: bigint;
  /** `hashLeaf` of the entry. */
  readonly leaf: Uint8Array;
  /** Of the siblings, the leaf's first. */
  readonly hashes: readonly Uint8Array[];
  readonly root: Uint8Array;
}

/** Whether the hashes lead from the leaf to the root (RFC 9162 section 2.1.3.2). Never throws. */
export const verifyInclusion = ({ index, size, leaf, hashes, root }: InclusionClaim): boolean => {
  if (index < 0n || index >= size || ![leaf, root, ...hashes].every(({ length }) => length === HASH_SIZE)) return false;
  let [at, last, node] = [index, size - 1n, leaf];
  for (const sibling of hashes) {
    if (last === 0n) return false;
    if ((at & 1n) === 1n || at === last) {
      node = hashNode(sibling, node);
      // The last node of a row without a partner goes up unchanged.
      while ((at & 1n) === 0n && at !== 0n) [at, last] = [at >> 1n, last >> 1n];
    } else {
      node = hashNode(node, sibling);
    }
    [at, last] = [at >> 1n, last >> 1n];
  }
  return last === 0n && Buffer.compare(node, root) === 0;
};
