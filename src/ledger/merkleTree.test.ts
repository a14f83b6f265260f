import { describe, expect, it } from "vitest";
import { hashLeaf, hashNode, EMPTY_ROOT } from "#ledger/merkleHash.ts";
import { createMerkleTree } from "#ledger/merkleTree.ts";
import type { MerkleTree } from "#ledger/merkleTree.ts";
import { tilesOf } from "#ledger/tilePaths.ts";
import { verifyConsistency } from "#ledger/verifyConsistency.ts";
import { verifyInclusion } from "#ledger/verifyInclusion.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const leafOf = (index: number): Uint8Array => hashLeaf(Buffer.from(`entry ${index}`));
const grow = (size: number): MerkleTree => {
  const tree = createMerkleTree();
  for (let index = 0; index < size; index++) tree.append(leafOf(index));
  return tree;
};

/** RFC 6962 section 2.1, letter by letter. */
const rootOf = (leaves: readonly Uint8Array[]): Uint8Array => {
  const [only] = leaves;
  if (only === undefined) return EMPTY_ROOT;
  if (leaves.length === 1) return only;
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return hashNode(rootOf(leaves.slice(0, split)), rootOf(leaves.slice(split)));
};

const flip = (bytes: Uint8Array): Uint8Array => Uint8Array.from(bytes, (byte, at) => (at === 7 ? byte ^ 1 : byte));

const MOST = 70;
const WHOLE = grow(MOST);
const SIZES = Array.from({ length: MOST + 1 }, (_, size) => size);
// Around each power of two; proofs that are changed a little are many.
const isTelling = (size: bigint): boolean => size <= 17n || [31n, 32n, 33n, 63n, 64n, 65n].includes(size);

describe("a Merkle tree", () => {
  // Entries and roots of the test vectors that certificate transparency's implementations share.
  it("has the roots that others have", () => {
    const entries = [
      "",
      "00",
      "10",
      "2021",
      "3031",
      "40414243",
      "5051525354555657",
      "606162636465666768696a6b6c6d6e6f",
    ];
    const roots = [
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
      "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
      "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
      "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
      "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
      "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
      "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    const tree = createMerkleTree();
    expect(hex(tree.root())).toBe(roots[0]);
    entries.forEach((entry, index) => {
      expect(tree.append(hashLeaf(Buffer.from(entry, "hex")))).toBe(BigInt(index));
      expect(hex(tree.root())).toBe(roots[index + 1]);
    });
    expect(roots.map((_, size) => hex(tree.root(BigInt(size))))).toEqual(roots);
  });

  it("remembers the root of every earlier size", () => {
    const leaves = SIZES.slice(0, MOST).map(leafOf);
    for (const size of SIZES) expect(hex(WHOLE.root(BigInt(size)))).toBe(hex(rootOf(leaves.slice(0, size))));
  });

  it("gives tiles of every level", () => {
    const tree = grow(600);
    const level0 = Buffer.concat(SIZES.map((at) => leafOf(at + 512)));
    expect(hex(tree.tile(0, 2n, 71))).toBe(hex(level0));
    const subtreeRoots = [0, 256].map((start) => rootOf(Array.from({ length: 256 }, (_, at) => leafOf(start + at))));
    expect(hex(tree.tile(1, 0n, 2))).toBe(hex(Buffer.concat(subtreeRoots)));
    expect(tree.tile(0, 1n)).toHaveLength(8192);
    for (const { level, index, width } of tilesOf(tree.size)) {
      expect(tree.tile(level, index, width)).toHaveLength(width * 32);
    }
  });

  it.each([
    ["a tree larger than it is", (): unknown => WHOLE.root(71n)],
    ["a negative tree", (): unknown => WHOLE.root(-1n)],
    ["a leaf after the end", (): unknown => WHOLE.inclusionProof(70n)],
    ["a leaf after the end of an earlier tree", (): unknown => WHOLE.inclusionProof(5n, 5n)],
    ["a tree that shrank", (): unknown => WHOLE.consistencyProof(6n, 5n)],
    ["a tile after the end", (): unknown => WHOLE.tile(0, 1n, 1)],
    ["a tile that is not full yet", (): unknown => WHOLE.tile(0, 0n)],
    ["a tile of a level that is not there", (): unknown => WHOLE.tile(1, 0n, 1)],
    ["a tile wider than tiles are", (): unknown => grow(300).tile(0, 0n, 257)],
    ["a leaf hash that is none", (): unknown => createMerkleTree().append(Buffer.alloc(31))],
  ])("refuses %s", (_, ask) => {
    expect(ask).toThrow(expect.objectContaining({ code: "INPUT_INVALID" }));
  });
});

describe("inclusion proofs", () => {
  it("lead from every leaf to the root of every size, and nowhere else", () => {
    for (let size = 1n; size <= MOST; size++) {
      const root = WHOLE.root(size);
      for (let index = 0n; index < size; index++) {
        const hashes = WHOLE.inclusionProof(index, size);
        const claim = { index, size, leaf: leafOf(Number(index)), hashes, root };
        expect(verifyInclusion(claim)).toBe(true);
        if (!isTelling(size)) continue;
        const wrong = [
          { ...claim, index: index + 1n },
          { ...claim, index: index - 1n },
          { ...claim, leaf: flip(claim.leaf) },
          { ...claim, root: flip(root) },
          { ...claim, hashes: [...hashes, root] },
          { ...claim, hashes: [root, ...hashes] },
          ...hashes.map((_, at) => ({ ...claim, hashes: hashes.toSpliced(at, 1) })),
          ...hashes.map((one, at) => ({ ...claim, hashes: hashes.with(at, flip(one)) })),
        ];
        expect(wrong.filter(verifyInclusion)).toEqual([]);
      }
    }
  });

  it("refuse sizes that would need other hashes", () => {
    for (let size = 1n; size <= MOST; size++) {
      const claim = { index: size - 1n, leaf: leafOf(Number(size) - 1), hashes: WHOLE.inclusionProof(size - 1n, size) };
      const sizes = SIZES.map(BigInt).filter((other) => other !== size);
      expect(sizes.filter((other) => verifyInclusion({ ...claim, size: other, root: WHOLE.root(size) }))).toEqual([]);
    }
  });

  it("refuse what no log can mean", () => {
    const claim = { index: 0n, size: 1n, leaf: leafOf(0), hashes: [], root: leafOf(0) };
    expect(verifyInclusion(claim)).toBe(true);
    expect(verifyInclusion({ ...claim, index: -1n })).toBe(false);
    expect(verifyInclusion({ ...claim, size: 0n })).toBe(false);
    expect(verifyInclusion({ ...claim, size: -1n })).toBe(false);
    expect(verifyInclusion({ ...claim, leaf: Buffer.alloc(0), root: Buffer.alloc(0) })).toBe(false);
    const long = Buffer.alloc(33);
    expect(verifyInclusion({ ...claim, size: 2n, hashes: [long], root: hashNode(leafOf(0), long.subarray(1)) })).toBe(
      false,
    );
  });

  it("work where numbers end", () => {
    // The only leaf of the right half of 2^62 + 1: its sibling is the whole left half.
    const [left, leaf] = [leafOf(1), leafOf(2)];
    const claim = { index: 2n ** 62n, size: 2n ** 62n + 1n, leaf, hashes: [left], root: hashNode(left, leaf) };
    expect(verifyInclusion(claim)).toBe(true);
    expect(verifyInclusion({ ...claim, index: claim.index - 1n })).toBe(false);
  });
});

describe("consistency proofs", () => {
  it("show that every tree begins every larger one, and nothing else", () => {
    for (let n = 0n; n <= MOST; n++) {
      for (let m = 0n; m <= n; m++) {
        const hashes = WHOLE.consistencyProof(m, n);
        const claim = { first: { size: m, root: WHOLE.root(m) }, second: { size: n, root: WHOLE.root(n) }, hashes };
        expect(verifyConsistency(claim)).toBe(true);
        if (!isTelling(n)) continue;
        const wrong = [
          { ...claim, hashes: [...hashes, claim.second.root] },
          ...hashes.map((_, at) => ({ ...claim, hashes: hashes.toSpliced(at, 1) })),
          ...hashes.map((one, at) => ({ ...claim, hashes: hashes.with(at, flip(one)) })),
          { ...claim, first: { size: m, root: flip(claim.first.root) } },
          { ...claim, first: { size: m + 1n, root: claim.first.root } },
          // An empty tree begins whatever there is, so its second root is not looked at.
          ...(m === 0n && n > 0n ? [] : [{ ...claim, second: { size: n, root: flip(claim.second.root) } }]),
        ];
        expect(wrong.filter(verifyConsistency)).toEqual([]);
      }
    }
  });

  it("refuse a tree that shrank, and one that was rewritten", () => {
    const rewritten = createMerkleTree();
    for (const at of SIZES.slice(0, 20)) rewritten.append(leafOf(at === 3 ? 99 : at));
    for (let m = 4n; m < 20n; m++) {
      const second = { size: 20n, root: rewritten.root() };
      const hashes = rewritten.consistencyProof(m, 20n);
      expect(verifyConsistency({ first: { size: m, root: rewritten.root(m) }, second, hashes })).toBe(true);
      expect(verifyConsistency({ first: { size: m, root: WHOLE.root(m) }, second, hashes })).toBe(false);
    }
    const [first, second] = [20n, 19n].map((size) => ({ size, root: WHOLE.root(size) }));
    if (first === undefined || second === undefined) throw new Error("no trees");
    expect(verifyConsistency({ first, second, hashes: WHOLE.consistencyProof(19n, 20n) })).toBe(false);
    expect(verifyConsistency({ first: { ...first, size: -1n }, second, hashes: [] })).toBe(false);
    expect(verifyConsistency({ first: second, second: first, hashes: [] })).toBe(false);
  });
});
