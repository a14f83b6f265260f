import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { generateKeyPair, importKeyPair, publicKeyOf } from "#app/keyPairs.ts";
import type { KeyPairFiles } from "#app/keyPairs.ts";
import type { Ctx } from "#core/ctx.ts";
import { keyFingerprint, parsePublicKey } from "#trust/publicKey.ts";

const ctx: Ctx = {
  signal: new AbortController().signal,
  log: () => undefined,
  emit: () => undefined,
  clock: { now: () => 0, sleep: async () => undefined, jitter: () => 0 },
};
const text = generateKeyPairSync("ec", { namedCurve: "P-256" })
  .publicKey.export({ type: "spki", format: "pem" })
  .toString();
const publicKey = parsePublicKey(text);

const world = (taken: readonly string[] = []) => {
  const steps: string[] = [];
  const written: { readonly pair: KeyPairFiles; readonly overwrite: boolean }[] = [];
  const key = { publicKey, encrypt: async (password: Uint8Array) => `sealed with ${Buffer.from(password).toString()}` };
  const deps = {
    files: {
      exists: async (_ctx: Ctx, path: string) => taken.includes(path),
      writePair: async (_ctx: Ctx, pair: KeyPairFiles, overwrite: boolean) => void written.push({ pair, overwrite }),
    },
    newPassword: async () => {
      steps.push("password");
      return Buffer.from("pw");
    },
    generate: async () => {
      steps.push("generate");
      return key;
    },
    read: async (_ctx: Ctx, name: string) => {
      steps.push(`read ${name}`);
      return key;
    },
  };
  return { deps, steps, written };
};

const pair: KeyPairFiles = {
  private: { path: "out/ci.key", text: "sealed with pw" },
  public: { path: "out/ci.pub", text },
};

describe("key pairs", () => {
  it("are generated into PREFIX.key and PREFIX.pub", async () => {
    const { deps, written } = world();
    expect(await generateKeyPair(deps)(ctx, { prefix: "out/ci", overwrite: false })).toEqual({
      privatePath: "out/ci.key",
      publicPath: "out/ci.pub",
      publicKey,
      fingerprint: keyFingerprint(publicKey),
    });
    expect(written).toEqual([{ pair, overwrite: false }]);
  });

  it("are imported: the key is read before anybody is asked for a password", async () => {
    const { deps, written, steps } = world(["out/ci.key"]);
    await importKeyPair(deps)(ctx, { key: "old.pem", prefix: "out/ci", overwrite: true });
    expect(steps).toEqual(["read old.pem", "password"]);
    expect(written).toEqual([{ pair, overwrite: true }]);
  });

  it.each(["out/ci.key", "out/ci.pub"])("do not replace %s unasked, nor ask for anything first", async (taken) => {
    const { deps, written, steps } = world([taken]);
    const place = { prefix: "out/ci", overwrite: false };
    const want = { code: "USAGE_INVALID", message: `${taken} exists already; nothing was written` };
    await expect(generateKeyPair(deps)(ctx, place)).rejects.toMatchObject(want);
    await expect(importKeyPair(deps)(ctx, { ...place, key: "old.pem" })).rejects.toMatchObject(want);
    expect([steps, written]).toEqual([[], []]);
  });

  it("give their public key as PEM", async () => {
    const sign = async () => new Uint8Array();
    expect(await publicKeyOf({ openSigner: async () => ({ publicKey, sign }) })(ctx, { key: "k" })).toBe(text);
  });
});
