import type { LookupAddress } from "node:dns";
import type { LookupFunction } from "node:net";
import { describe, expect, it } from "vitest";
import { openLookups } from "#net/lookups.ts";

/** Answers each question with the next list; the last one for ever. */
const answers = (...lists: readonly (readonly string[])[]): LookupFunction => {
  let asked = 0;
  return (_hostname, _options, callback) => {
    const list = lists[Math.min(asked++, lists.length - 1)] ?? [];
    callback(
      null,
      list.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    );
  };
};

const ask = (lookup: LookupFunction, all: boolean): Promise<unknown> =>
  new Promise((resolve) => {
    lookup("some.test", { all }, (error, found) =>
      resolve(error ?? (all ? (found as LookupAddress[]).map(({ address }) => address) : found)),
    );
  });

const OWN = [
  "127.0.0.1",
  "169.254.169.254",
  "0.0.0.0",
  "::1",
  "::",
  "fe80::1",
  "fd00:ec2::254",
  "::ffff:169.254.169.254",
];

describe("lookups of names that a server chose", () => {
  it.each(OWN)("attack 48: never come to %s, alone or among others", async (address) => {
    for (const all of [true, false])
      expect(await ask(openLookups(answers([address])).guarded, all)).toMatchObject({
        code: "REGISTRY_PROTOCOL",
        details: { ownAddress: true },
      });
    const mixed = openLookups(answers([address, "203.0.113.7", "2001:db8::7"])).guarded;
    expect(await ask(mixed, true)).toEqual(["203.0.113.7", "2001:db8::7"]);
    expect(await ask(mixed, false)).toBe("203.0.113.7");
  });

  it("come to private networks, where people keep registries", async () => {
    expect(await ask(openLookups(answers(["10.1.2.3"])).guarded, true)).toEqual(["10.1.2.3"]);
  });

  it("fail as the system's do", async () => {
    const failing: LookupFunction = (_hostname, _options, callback) => callback(new Error("ENOTFOUND"), "", 0);
    for (const kind of ["plain", "guarded"] as const)
      expect(await ask(openLookups(failing)[kind], true)).toMatchObject({ message: "ENOTFOUND" });
  });
});

describe("lookups of names that the user chose", () => {
  it.each(OWN)("come wherever they lead, and note that it was %s", async (address) => {
    const lookups = openLookups(answers([address]));
    expect(await ask(lookups.plain, true)).toEqual([address]);
    expect(lookups.isOwn("some.test")).toBe(true);
    expect(lookups.isOwn("other.test")).toBe(false);
  });

  it("never note a name as this machine's that led elsewhere once", async () => {
    const lookups = openLookups(answers(["127.0.0.1"], ["203.0.113.7"], ["127.0.0.1"]));
    const noted: boolean[] = [];
    for (let round = 0; round < 3; round++) {
      await ask(lookups.plain, false);
      noted.push(lookups.isOwn("some.test"));
    }
    expect(noted).toEqual([true, false, false]);
  });
});
