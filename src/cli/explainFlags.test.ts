import { describe, expect, it } from "vitest";
import { explainFlags } from "#cli/explainFlags.ts";
import { flag } from "#cli/flag.ts";
import { registryFlags } from "#cli/registryFlags.ts";

const flags = {
  ...registryFlags,
  store: flag.text({ value: "URL", summary: "store" }),
  workers: flag.count({ value: "N", min: 1, max: 9, default: 2, summary: "workers" }),
  key: flag.list({ value: "KEY", summary: "keys" }),
  record: flag.ignored({ summary: "nothing" }),
};
const nothing = { written: {}, env: {}, file: {} };

describe("explained flags", () => {
  it("name value and source, and leave out what has no effect", () => {
    const file = { workers: { raw: "3", where: "w.yaml:1: workers" } };
    const explained = explainFlags(flags, { ...nothing, file, written: { key: ["a", "b"] } });
    expect(explained.find((one) => one.flag === "record")).toBeUndefined();
    expect(explained.filter((one) => one.source !== "default")).toEqual([
      { flag: "workers", value: "3", source: "file", where: "w.yaml:1: workers" },
      { flag: "key", value: "a, b", source: "flag", where: "--key" },
    ]);
    expect(explainFlags(flags, nothing)).toContainEqual({
      flag: "workers",
      value: "2",
      source: "default",
      where: null,
    });
  });

  it("refuse what the command would refuse", () => {
    expect(() => explainFlags(flags, { ...nothing, env: { WAYBILL_WORKERS: "10" } })).toThrow(/WAYBILL_WORKERS/);
  });

  it.each<readonly [Readonly<Record<string, string>>]>([
    [{ WAYBILL_REGISTRY_PASSWORD: "hunter2" }],
    [{ COSIGN_REGISTRY_TOKEN: "hunter2" }],
    [{ WAYBILL_STORE: "postgres://user:hunter2@host/name" }],
    [{ WAYBILL_STORE: "postgres://user:a/hunter2@b@host/name" }],
    [{ WAYBILL_STORE: "postgres://host/name?user=me&password=hunter2" }],
  ])("never show the secret of %j", (env) => {
    const text = JSON.stringify(explainFlags(flags, { ...nothing, env }));
    expect(text).not.toContain("hunter2");
    expect(text).toContain("(set)");
  });
});
