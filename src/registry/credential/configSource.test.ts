import { describe, expect, it } from "vitest";
import type { HelperOutcome, RunHelper } from "#registry/credential/askHelper.ts";
import { configSource } from "#registry/credential/configSource.ts";
import { manualClock } from "../../../test/fakes/manualClock.ts";
import { testCtx } from "../../../test/fakes/testCtx.ts";

const clock = manualClock();
const ctx = testCtx({ clock });
const PLACE = { registry: "host.test", repository: "team/app" };
const says = (exit: number, text: string): HelperOutcome => ({ exit, stdout: Buffer.from(text) });
const knows = (name: string): HelperOutcome =>
  says(0, JSON.stringify({ ServerURL: "x", Username: name, Secret: "pw" }));
const NOT_FOUND = says(1, "credentials not found in native keychain\n");

const open = (config: object, answer: HelperOutcome | (() => HelperOutcome) = NOT_FOUND) => {
  const asked: string[] = [];
  const runHelper: RunHelper = async (_ctx, helper, verb, input) => {
    asked.push(`${helper} ${verb} ${input}`);
    return typeof answer === "function" ? answer() : answer;
  };
  const file = { path: "config.json", bytes: Buffer.from(JSON.stringify(config)) };
  return { asked, source: configSource({ read: async () => file, runHelper }) };
};

const entry = { username: "entry", password: "pw" };

describe("configSource", () => {
  it("asks the registry's helper before the entry, and the entry when it knows nothing", async () => {
    const config = { credHelpers: { "host.test": "own" }, credsStore: "all", auths: { "host.test": entry } };
    const known = open(config, knows("helper"));
    expect(await known.source(ctx, PLACE)).toEqual({
      credential: { kind: "password", username: "helper", password: "pw" },
      from: 'docker-credential-own (config.json: credHelpers["host.test"])',
    });
    const unknown = open(config);
    expect(await unknown.source(ctx, PLACE)).toMatchObject({
      credential: entry,
      from: 'config.json: auths["host.test"]',
    });
    expect(unknown.asked).toEqual(["own get host.test"]);
  });

  it("runs no helper for a host that it is not named for, nor for a part of a registry that has an entry", async () => {
    const other = open({ credHelpers: { "other.test": "own" }, auths: { "host.test": entry } }, knows("helper"));
    expect(await other.source(ctx, PLACE)).toMatchObject({ credential: entry });
    const part = open({ credsStore: "all", auths: { "host.test/team": entry } }, knows("helper"));
    expect(await part.source(ctx, PLACE)).toMatchObject({ credential: entry });
    expect([...other.asked, ...part.asked]).toEqual([]);
  });

  it("gives docker's helpers docker's name of Docker Hub, and takes their identity tokens", async () => {
    const { source, asked } = open({ credsStore: "all" }, knows("<token>"));
    const found = await source(ctx, { registry: "docker.io", repository: "library/x" });
    expect(found?.credential).toEqual({ kind: "refresh", token: "pw" });
    expect(asked).toEqual(["all get https://index.docker.io/v1/"]);
  });

  it.each([
    says(1, "hunter2 is locked"),
    says(0, "hunter2"),
    says(0, '{"Username":"hunter2"}'),
    says(0, '["hunter2"]'),
    says(0, '{"Username":7,"Secret":"hunter2"}'),
    says(-1, ""),
  ])("names a helper that fails, and repeats nothing of what it says: %j", async (outcome) => {
    const { source } = open({ credsStore: "all", auths: { "host.test": entry } }, outcome);
    const error: unknown = await source(ctx, PLACE).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "CONFIG_INVALID", message: expect.stringContaining("docker-credential-all") });
    expect(`${String(error)} ${JSON.stringify(error)}`).not.toContain("hunter2");
  });

  it("takes an empty answer for none", async () => {
    const empty = says(0, '{"ServerURL":"","Username":"","Secret":""}');
    expect(await open({ credsStore: "all" }, empty).source(ctx, PLACE)).toBeUndefined();
  });

  it("remembers what a helper said for a minute, but not what was refused", async () => {
    const { source, asked } = open({ credsStore: "all" }, () => knows("me"));
    const found = await source(ctx, PLACE);
    await source(ctx, { ...PLACE, repository: "other" });
    expect(asked).toHaveLength(1);
    await source(ctx, PLACE, found);
    expect(asked).toHaveLength(2);
    clock.advance(61_000);
    await source(ctx, PLACE);
    expect(asked).toHaveLength(3);
  });

  it("knows nothing without a file", async () => {
    const runHelper: RunHelper = async () => NOT_FOUND;
    expect(await configSource({ read: async () => undefined, runHelper })(ctx, PLACE)).toBeUndefined();
  });
});
