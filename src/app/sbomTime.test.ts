import { expect, it } from "vitest";
import { sbomTime, timeOfSbom } from "#app/sbomTime.ts";

it("reads the time of every kind of SBOM, and takes what has none for the oldest", () => {
  const time = "2025-06-01T00:00:00Z";
  expect(sbomTime({ metadata: { timestamp: time } })).toBe(time);
  expect(sbomTime({ creationInfo: { created: time } })).toBe(time);
  expect(sbomTime({ "@graph": [{ type: "Person" }, { type: "CreationInfo", created: time }] })).toBe(time);
  expect(sbomTime(`SPDXVersion: SPDX-2.3\nCreated: ${time}\n`)).toBe(time);
  for (const none of [undefined, null, {}, [], { metadata: { timestamp: 5 } }, { metadata: [] }, { "@graph": {} }, ""])
    expect(sbomTime(none)).toBe("");
  expect(timeOfSbom(time)).toBe(Date.parse(time));
  expect(timeOfSbom("")).toBe(0);
  expect(timeOfSbom("yesterday")).toBe(0);
});
