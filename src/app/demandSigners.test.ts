import { expect, it } from "vitest";
import { demandSigners } from "#app/demandSigners.ts";
import { codeOf } from "../../test/fakes/codeOf.ts";
import { createTestKey } from "../../test/fakes/testKey.ts";

const { trusted } = createTestKey("a");
const other = createTestKey("b").trusted;
const none = { anyKey: false, atLeast: undefined };

it("demands every key unless something else is said", () => {
  expect(demandSigners({ keys: [trusted, other] }, none)).toEqual({ kind: "every" });
  expect(demandSigners({ keys: [trusted, other] }, { ...none, anyKey: true })).toEqual({ kind: "at-least", count: 1 });
  expect(demandSigners({ keys: [trusted, other] }, { ...none, atLeast: 2 })).toEqual({ kind: "at-least", count: 2 });
});

it("refuses what the keys cannot meet; a key given twice is one", () => {
  const again = { name: "again", key: trusted.key };
  expect(codeOf(() => demandSigners({ keys: [trusted, again] }, { ...none, atLeast: 2 }))).toBe("USAGE_INVALID");
  expect(codeOf(() => demandSigners({ keys: [trusted] }, { anyKey: true, atLeast: 1 }))).toBe("USAGE_INVALID");
});
