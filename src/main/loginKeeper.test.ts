import {
  lstatSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ConnectionValues } from "#cli/registryFlags.ts";
import { loginKeeper } from "#main/loginKeeper.ts";
import { testCtx } from "../../test/fakes/testCtx.ts";

const ctx = testCtx();
let directory = "";
beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), "logins-"))));
afterEach(() => rmSync(directory, { recursive: true }));

const keeperOf = (file: string) => loginKeeper({ registryConfig: file } as ConnectionValues);
const hosts = Array.from({ length: 16 }, (_, index) => `host${index}.test`);
const login = (registry: string) => ({ registry, username: "ann", password: registry });
const read = (file: string) => JSON.parse(readFileSync(file, "utf8")) as { readonly auths: Record<string, unknown> };

describe("logins in one file", () => {
  it("that come together are all kept, and what others wrote, with its mode", async () => {
    const file = join(directory, "config.json");
    writeFileSync(file, JSON.stringify({ auths: { "other.test": { auth: "YTpi" } }, future: [1] }), { mode: 0o640 });
    await Promise.all(hosts.map((host) => keeperOf(file).store(ctx, login(host))));
    const { auths, ...rest } = read(file);
    expect(Object.keys(auths).toSorted()).toEqual(["other.test", ...hosts].toSorted());
    expect(rest).toEqual({ future: [1] });
    expect(statSync(file).mode & 0o777).toBe(0o640);
    await Promise.all(hosts.map((host) => keeperOf(file).erase(ctx, host)));
    expect(Object.keys(read(file).auths)).toEqual(["other.test"]);
    // Neither locks nor halves are left.
    expect(readdirSync(directory)).toEqual(["config.json"]);
  });

  it("make the file for its owner alone, and a link stays one", async () => {
    const [file, link] = [join(directory, "real.json"), join(directory, "config.json")];
    await keeperOf(file).store(ctx, login("host.test"));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    symlinkSync(file, link);
    await keeperOf(link).store(ctx, login("linked.test"));
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(Object.keys(read(file).auths)).toEqual(["host.test", "linked.test"]);
  });

  it("that are not there are taken out without writing anything", async () => {
    expect(await keeperOf(join(directory, "absent", "config.json")).erase(ctx, "host.test")).toBeUndefined();
    expect(readdirSync(directory)).toEqual([]);
  });
});
