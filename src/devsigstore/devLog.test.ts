import { expect, it } from "vitest";
import { createDevLog } from "#devsigstore/devLog.ts";
import { hashLeaf } from "#ledger/merkleHash.ts";
import { codeOf } from "../../test/fakes/codeOf.ts";

it("takes so many entries, so large, and finds each again", () => {
  const log = createDevLog<string>({ entries: 3, entryBytes: 4, bytes: 9 });
  expect(log.append(Buffer.from("1234"), "one")).toBe(0n);
  expect(codeOf(() => log.append(Buffer.from("12345"), "long"))).toBe("LIMIT_EXCEEDED");
  expect(log.append(Buffer.from("4321"), "two")).toBe(1n);
  expect(codeOf(() => log.append(Buffer.from("11"), "too much"))).toBe("LIMIT_EXCEEDED");
  expect(log.append(Buffer.from("1"), "three")).toBe(2n);
  expect(codeOf(() => log.append(Buffer.from(""), "too many"))).toBe("LIMIT_EXCEEDED");
  expect(log.tree.size).toBe(3n);
  expect(log.find(hashLeaf(Buffer.from("4321")))).toBe(1n);
  expect(log.entry(1n)).toBe("two");
  expect(log.find(hashLeaf(Buffer.from("12345")))).toBeUndefined();
});
