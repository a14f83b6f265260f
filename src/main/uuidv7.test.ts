import { expect, it } from "vitest";
import { uuidv7 } from "#main/uuidv7.ts";

it("makes UUIDs of version 7 that sort in the order of their making", () => {
  const before = Date.now();
  const ids = Array.from({ length: 10_000 }, uuidv7);
  expect(ids.every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id))).toBe(
    true,
  );
  expect(ids).toEqual(ids.toSorted());
  expect(new Set(ids).size).toBe(ids.length);
  expect(Number.parseInt((ids[0] ?? "").replace("-", "").slice(0, 12), 16)).toBeGreaterThanOrEqual(before);
});
