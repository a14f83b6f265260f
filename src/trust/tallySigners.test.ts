import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countedSigners, personNames, signerId } from "#trust/signerId.ts";
import { tallySigners } from "#trust/tallySigners.ts";
import type { SignedWord, SignerDemand } from "#trust/tallySigners.ts";
import { createTestKey } from "../../test/fakes/testKey.ts";

const [a, b, c] = ["a", "b", "c"].map((name) => createTestKey(name).trusted) as [K, K, K];
type K = ReturnType<typeof createTestKey>["trusted"];
const words = (...pairs: readonly (readonly [K, string])[]) =>
  pairs.map(([{ key }, said]) => ({ signer: signerId({ key }), person: personNames({ key }), said }));
const tally = (keys: readonly Pick<K, "name" | "key">[], said: readonly SignedWord[], demand: SignerDemand) =>
  tallySigners(countedSigners({ keys }), said, demand);
const every = { kind: "every" } as const;
const atLeast = (count: number) => ({ kind: "at-least", count }) as const;

describe("tallySigners", () => {
  it("demands every key, and says who is missing", () => {
    expect(tally([a, b], words([a, "x"]), every)).toEqual({
      ok: false,
      needed: 2,
      accepted: new Set(),
      signed: ["a"],
      missing: ["b"],
      divided: [],
    });
    expect(tally([a, b], words([b, "x"], [a, "x"]), every)).toMatchObject({
      ok: true,
      accepted: new Set(["x"]),
      signed: ["a", "b"],
      missing: [],
    });
  });

  it("counts a key once, given twice or signing twice", () => {
    const again = { name: "also a", key: { ...a.key, spki: Uint8Array.from(a.key.spki) } };
    expect(countedSigners({ keys: [a, again, b] }).map(({ name }) => name)).toEqual(["a", "b"]);
    expect(tally([a, again], words([a, "x"]), every)).toMatchObject({ ok: true, needed: 1, signed: ["a"] });
    expect(tally([a, again, b], words([a, "x"], [again, "x"]), atLeast(2))).toMatchObject({
      ok: false,
      signed: ["a"],
      missing: ["b"],
    });
  });

  it("lets keys count together only for the same words", () => {
    const split = words([a, "x"], [b, "y"], [c, "x"]);
    expect(tally([a, b], split, every)).toMatchObject({
      ok: false,
      signed: ["a"],
      missing: ["b"],
      divided: ["b"],
    });
    const two = tally([a, b, c], split, atLeast(2));
    expect(two).toMatchObject({
      ok: true,
      accepted: new Set(["x"]),
      signed: ["a", "c"],
      missing: ["b"],
      divided: ["b"],
    });
    expect(tally([a, b, c], split, atLeast(1)).accepted).toEqual(new Set(["x", "y"]));
  });

  it("is never satisfied without keys, by keys that are not trusted, or by a demand for none", () => {
    expect(tally([], words([a, "x"]), every)).toMatchObject({ ok: false, missing: ["any key"] });
    expect(tally([a], words([b, "x"]), atLeast(1))).toMatchObject({ ok: false, missing: ["a"] });
    expect(tally([a], [], atLeast(0)).ok).toBe(false);
  });

  it("says yes exactly where some words have as many distinct trusted keys as needed", () => {
    const pick = fc.constantFrom(a, b, c);
    const said = fc.array(fc.tuple(pick, fc.constantFrom("x", "y")), { maxLength: 8 });
    fc.assert(
      fc.property(fc.array(pick, { maxLength: 5 }), said, fc.integer({ min: 1, max: 4 }), (trusted, pairs, count) => {
        const by = (word: string): number =>
          new Set(pairs.filter(([one, what]) => what === word && trusted.includes(one)).map(([{ name }]) => name)).size;
        const counted = tally(trusted, words(...pairs), atLeast(count));
        expect(counted.ok).toBe(Math.max(by("x"), by("y")) >= count);
        expect(tally(trusted, words(...pairs), every).ok).toBe(
          trusted.length > 0 && Math.max(by("x"), by("y")) === new Set(trusted).size,
        );
      }),
    );
  });
});
