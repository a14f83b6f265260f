import { EMPTY_ROOT, HASH_SIZE, hashNode } from "#ledger/merkleHash.ts";

/** That a larger tree begins with all of a smaller one; as a log gives it. */
export interface ConsistencyClaim {
  readonly first: { readonly size: bigint; readonly root: Uint8Array };
  readonly second: { readonly size: bigint; readonly root: Uint8Array };
  readonly hashes: readonly Uint8Array[];
}

/**
 * Whether nothing of the first tree was changed or taken away in the second (RFC 9162 section 2.1.4.2). The empty tree
 * begins every other one. Never throws.
 */
export const verifyConsistency = ({ first, second, hashes }: ConsistencyClaim): boolean => {
  if (first.size < 0n || first.size > second.size) return false;
  if (![first.root, second.root, ...hashes].every(({ length }) => length === HASH_SIZE)) return false;
  if (first.size === 0n && !same(first.root, EMPTY_ROOT)) return false;
  if (first.size === second.size) return hashes.length === 0 && same(first.root, second.root);
  return first.size === 0n ? hashes.length === 0 : isGrown(first, second, hashes);
};

const isGrown = (
  first: ConsistencyClaim["first"],
  second: ConsistencyClaim["second"],
  hashes: readonly Uint8Array[],
): boolean => {
  // A whole subtree is known by its root, so the proof leaves it out.
  const isWhole = (first.size & (first.size - 1n)) === 0n;
  const [start, ...rest] = isWhole ? [first.root, ...hashes] : hashes;
  if (start === undefined) return false;
  let [at, last] = [first.size - 1n, second.size - 1n];
  while ((at & 1n) === 1n) [at, last] = [at >> 1n, last >> 1n];
  let [before, after] = [start, start];
  for (const node of rest) {
    if (last === 0n) return false;
    if ((at & 1n) === 1n || at === last) {
      [before, after] = [hashNode(node, before), hashNode(node, after)];
      while ((at & 1n) === 0n && at !== 0n) [at, last] = [at >> 1n, last >> 1n];
    } else {
      after = hashNode(after, node);
    }
    [at, last] = [at >> 1n, last >> 1n];
  }
  return last === 0n && same(before, first.root) && same(after, second.root);
};

const same = (one: Uint8Array, other: Uint8Array): boolean => Buffer.compare(one, other) === 0;
