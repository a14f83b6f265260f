import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { authenticate } from "#app/authenticate.ts";
import { firstToken } from "#main/firstToken.ts";
import { uuidv7 } from "#main/uuidv7.ts";
import { openSqliteStore } from "#store/openSqliteStore.ts";
import { codeOfPromise } from "../../test/fakes/codeOfPromise.ts";
import { testCtx } from "../../test/fakes/testCtx.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "waybill-first-token-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

const ctx = testCtx();
const openDeps = async () => ({ store: await openSqliteStore({ file: join(dir, "store.db") }), newId: uuidv7 });
const tokenFiles = (): readonly string[] => readdirSync(dir).filter((name) => name.includes("token"));

describe("firstToken", () => {
  it("is made once, and given out to be shown", async () => {
    const deps = await openDeps();
    const secret = await firstToken(ctx, deps, undefined);
    expect(await authenticate(deps)(ctx, secret ?? "")).toMatchObject({ tenant: "default", role: "operator" });
    expect(await firstToken(ctx, deps, undefined)).toBeUndefined();
    const audit = await deps.store.read(ctx, (records) => records.audit.list("default", 0, 9));
    expect(audit.map(({ actor, action }) => [actor, action])).toEqual([["service", "token.create"]]);
  });

  it.each([
    ["files of their own", (at: number) => `token-${at}`],
    ["one file", () => "token"],
  ])("is made once by several processes that start at once with %s, and the file left is its", async (_, nameOf) => {
    const all = await Promise.all(Array.from({ length: 4 }, openDeps));
    const shown = await Promise.all(all.map((deps, at) => firstToken(ctx, deps, join(dir, nameOf(at)))));
    expect(shown).toEqual([undefined, undefined, undefined, undefined]);
    const [deps] = all;
    const kept = await deps?.store.read(ctx, (records) =>
      records.tokens.list("default", { limit: 9, after: undefined }),
    );
    expect(kept).toHaveLength(1);
    expect(tokenFiles()).toHaveLength(1);
    const file = join(dir, tokenFiles()[0] ?? "");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const secret = readFileSync(file, "utf8").trim();
    expect(await authenticate(deps ?? (await openDeps()))(ctx, secret)).toBeDefined();
  });

  it("is not made where its file cannot be written, and leaves no file where it cannot be kept", async () => {
    const deps = await openDeps();
    expect(await codeOfPromise(firstToken(ctx, deps, join(dir, "missing", "token")))).toBe("STORE_FAILED");
    expect(await deps.store.read(ctx, (records) => records.tokens.isEmpty())).toBe(true);
    const broken = { ...deps, store: { ...deps.store, write: () => Promise.reject(new RangeError("on purpose")) } };
    await expect(firstToken(ctx, broken, join(dir, "token"))).rejects.toThrow("on purpose");
    expect(tokenFiles()).toEqual([]);
  });
});
