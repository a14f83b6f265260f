import { expect, it } from "vitest";
import { readWait } from "#api/prefer.ts";

it.each([
  [null, 0],
  ["wait=10", 10],
  ["respond-async, WAIT = 10; x=y", 10],
  ['wait="7"', 7],
  ["wait=0, wait=9", 0],
  ["wait=61", 60],
  ["wait=999999999", 60],
  ["wait=9999999999", 0],
  ["wait=-1", 0],
  ["wait=1.5", 0],
  ["wait", 0],
  ["await=5", 0],
  ["foo; wait=20", 0],
])("reads the wait of %j as %i", (header, seconds) => {
  expect(readWait(header)).toBe(seconds);
});
