import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { WaybillError } from "#core/errors.ts";
import type { KeyNote } from "#app/noteKey.ts";
import { watchKey } from "#main/keyWatch.ts";
import { createTestSigner } from "../../test/fakes/testSigner.ts";
import { testCtx } from "../../test/fakes/testCtx.ts";

const dir = mkdtempSync(join(tmpdir(), "waybill-key-watch-"));
afterAll(() => rmSync(dir, { recursive: true }));

// A process without a key says nothing of the keys of others.
const refuse = (): Promise<void> => Promise.reject(new RangeError("nothing is to be noted"));

const setUp = () => {
  const key = join(dir, `${Math.random()}.key`);
  const opened: string[] = [];
  let fault: WaybillError | undefined;
  const told: string[] = [];
  const notes: KeyNote[] = [];
  let refusal: WaybillError | undefined;
  const ctx = testCtx({ log: (_, message) => void told.push(message) });
  const watch = watchKey({
    key,
    openSigner: async (_, name) => {
      opened.push(name);
      if (fault !== undefined) throw fault;
      return createTestSigner();
    },
    note: async (_, note) => {
      if (refusal !== undefined) throw refusal;
      notes.push(note);
    },
  });
  const refuseNotes = (error: WaybillError | undefined) => (refusal = error);
  return {
    notes,
    refuseNotes,
    key,
    watch,
    opened,
    told,
    ctx,
    failWith: (error: WaybillError | undefined) => (fault = error),
  };
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

  it("notes each key before it is used, and that it is gone", async () => {
    const { key, watch, notes, ctx } = setUp();
    await watch.open(ctx);
    await watch.open(ctx);
    expect(notes).toEqual([{ kind: "lost", key: undefined }]);
    writeFileSync(key, "one");
    const first = await watch.open(ctx);
    await watch.open(ctx);
    writeFileSync(key, "another");
    const second = await watch.open(ctx);
    rmSync(key);
    await watch.open(ctx);
    expect(notes.slice(1)).toEqual([
      { kind: "loaded", key: first?.publicKey },
      { kind: "loaded", key: second?.publicKey },
      { kind: "lost", key: second?.publicKey },
    ]);
  });

  it("gives no key out that could not be noted", async () => {
    const { key, watch, notes, ctx, refuseNotes } = setUp();
    writeFileSync(key, "one");
    refuseNotes(new WaybillError("STORE_FAILED", "the disk is full"));
    await expect(watch.open(ctx)).rejects.toThrow("the disk is full");
    expect(watch.current()).toBeUndefined();
    refuseNotes(undefined);
    expect(await watch.open(ctx)).toBeDefined();
    expect(notes).toHaveLength(1);
  });

  it("knows that there is none", async () => {
    const watch = watchKey({ key: undefined, openSigner: async () => createTestSigner(), note: refuse });
    expect(await watch.open(testCtx())).toBeUndefined();
  });
});
