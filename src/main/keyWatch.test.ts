import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { WaybillError } from "#core/errors.ts";
import { watchKey } from "#main/keyWatch.ts";
import { createTestSigner } from "../../test/fakes/testSigner.ts";
import { testCtx } from "../../test/fakes/testCtx.ts";

const dir = mkdtempSync(join(tmpdir(), "waybill-key-watch-"));
afterAll(() => rmSync(dir, { recursive: true }));

const setUp = () => {
  const key = join(dir, `${Math.random()}.key`);
  const opened: string[] = [];
  let fault: WaybillError | undefined;
  const told: string[] = [];
  const ctx = testCtx({ log: (_, message) => void told.push(message) });
  const watch = watchKey({
    key,
    openSigner: async (_, name) => {
      opened.push(name);
      if (fault !== undefined) throw fault;
      return createTestSigner();
    },
  });
  return { key, watch, opened, told, ctx, failWith: (error: WaybillError | undefined) => (fault = error) };
};

describe("watchKey", () => {
  it("finds a key that appears, changes and goes, and opens each state of it once", async () => {
    const { key, watch, opened, ctx } = setUp();
    expect(await watch.open(ctx)).toBeUndefined();
    writeFileSync(key, "one");
    const [first, same] = await Promise.all([watch.open(ctx), watch.open(ctx)]);
    expect(first).toBeDefined();
    expect(same).toBe(first);
    expect(opened).toHaveLength(1);
    writeFileSync(key, "another");
    expect(await watch.open(ctx)).not.toBe(first);
    rmSync(key);
    expect(await watch.open(ctx)).toBeUndefined();
    expect(watch.current()).toBeUndefined();
  });

  it("tells of a key that cannot be opened once, and takes the next one", async () => {
    const { key, watch, told, ctx, failWith } = setUp();
    failWith(new WaybillError("PASSWORD_WRONG", "wrong"));
    writeFileSync(key, "one");
    expect([await watch.open(ctx), await watch.open(ctx)]).toEqual([undefined, undefined]);
    expect(told).toHaveLength(1);
    failWith(undefined);
    writeFileSync(key, "repaired");
    expect(await watch.open(ctx)).toBeDefined();
  });

  it("tries a key that could not be opened again after a while, since its password may have been mended", async () => {
    const { key, watch, opened, ctx, failWith } = setUp();
    let now = 1000;
    const later = { ...ctx, clock: { ...ctx.clock, now: () => now } };
    failWith(new WaybillError("KEY_UNREADABLE", "no password"));
    writeFileSync(key, "one");
    expect(await watch.open(later)).toBeUndefined();
    failWith(undefined);
    now += 29_000;
    expect(await watch.open(later)).toBeUndefined();
    now += 1000;
    expect(await watch.open(later)).toBeDefined();
    await watch.open(later);
    expect(opened).toHaveLength(2);
  });

  it("knows that there is none", async () => {
    const watch = watchKey({ key: undefined, openSigner: async () => createTestSigner() });
    expect(await watch.open(testCtx())).toBeUndefined();
  });
});
