import { randomBytes } from "node:crypto";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openFactFiles } from "#host/factFiles.ts";
import { testCtx } from "../../test/fakes/testCtx.ts";

const KEY = "a".repeat(64);
const OTHER = "b".repeat(64);

let home = "";
beforeEach(() => (home = mkdtempSync(join(tmpdir(), "facts-"))));
afterEach(() => rmSync(home, { recursive: true, force: true }));

const place = (): string => join(home, "waybill", "layers");
const open = async (maxBytes = 1 << 20) => {
  const cache = await openFactFiles(testCtx(), place(), { maxBytes });
  if (cache === undefined) throw new TypeError("the cache is not used");
  return cache;
};
const parts = (text: string): readonly Uint8Array[] => [Buffer.from(text), Buffer.from("!")];
const text = (bytes: Uint8Array | undefined): string | undefined => bytes && Buffer.from(bytes).toString();

describe("openFactFiles", () => {
  it("gives back what was written, to whoever opens it later, and nothing else", async () => {
    const cache = await open();
    expect(await cache.read(testCtx(), KEY)).toBeUndefined();
    await cache.write(testCtx(), KEY, parts("facts"));
    expect(text(await (await open()).read(testCtx(), KEY))).toBe("facts!");
    expect(await cache.read(testCtx(), OTHER)).toBeUndefined();
    expect(statSync(place()).mode & 0o777).toBe(0o700);
    expect(statSync(join(place(), KEY)).mode & 0o777).toBe(0o600);
  });

  it("takes nothing from a file that is not what was written, and removes it", async () => {
    const cache = await open();
    for (const damage of [
      (bytes: Buffer) => bytes.subarray(0, -1),
      (bytes: Buffer) => Buffer.concat([bytes, bytes]),
      () => Buffer.alloc(0),
    ]) {
      await cache.write(testCtx(), KEY, parts("facts"));
      writeFileSync(join(place(), KEY), damage(readFileSync(join(place(), KEY))));
      expect(await cache.read(testCtx(), KEY)).toBeUndefined();
      expect(readdirSync(place())).toEqual([]);
    }
  });

  it("follows no link in the place of a file", async () => {
    const cache = await open();
    await cache.write(testCtx(), OTHER, parts("facts"));
    symlinkSync(join(place(), OTHER), join(place(), KEY));
    expect(await cache.read(testCtx(), KEY)).toBeUndefined();
  });

  it("is not used where others may write or read, or where it is a link, and says so", async () => {
    const refused = async (): Promise<string> => {
      const warnings: string[] = [];
      const ctx = testCtx({ emit: (event) => void (event.kind === "warning" && warnings.push(event.message)) });
      expect(await openFactFiles(ctx, place())).toBeUndefined();
      return warnings.join();
    };
    mkdirSync(place(), { recursive: true, mode: 0o700 });
    chmodSync(place(), 0o750);
    expect(await refused()).toContain("chmod 700");
    chmodSync(place(), 0o700);
    chmodSync(join(home, "waybill"), 0o777);
    expect(await refused()).toContain("others may use");
    chmodSync(join(home, "waybill"), 0o700);
    rmSync(place(), { recursive: true });
    symlinkSync(home, place());
    expect(await refused()).toContain("no directory");
    rmSync(place());
    writeFileSync(place(), "");
    expect(await refused()).toContain("not used");
  });

  it("keeps what was read last when there is too much, and clears up after the killed", async () => {
    await (await open()).write(testCtx(), KEY, [randomBytes(3000)]);
    await (await open()).write(testCtx(), OTHER, parts("small"));
    utimesSync(join(place(), KEY), 1, 1);
    writeFileSync(join(place(), ".new-1"), "left");
    utimesSync(join(place(), ".new-1"), 1, 1);
    writeFileSync(join(place(), ".new-2"), "in use");
    const ctx = testCtx({ clock: { ...testCtx().clock, now: () => Date.now() } });
    await (await open(500)).write(ctx, "c".repeat(64), parts("new"));
    expect(readdirSync(place()).toSorted()).toEqual([".new-2", OTHER, "c".repeat(64)]);
  });

  it("never fails for want of a disk", async () => {
    const cache = await open();
    rmSync(place(), { recursive: true });
    await cache.write(testCtx(), KEY, parts("facts"));
    expect(await cache.read(testCtx(), KEY)).toBeUndefined();
  });
});
