import type { InspectedKey, KeyProbe } from "#app/diagnoseKey.ts";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import type { PublicKey } from "#core/keyAlgorithm.ts";
import { findPasswordVariable, readPassword } from "#host/password.ts";
import { readLocalFile } from "#host/readLocalFile.ts";
import { readSigner } from "#keys/openSigner.ts";
import { openPublicKeys } from "#main/keyAccess.ts";
import { keyFingerprint, parsePublicKey } from "#trust/publicKey.ts";

const readEnv = (name: string): string | undefined => process.env[name];

/** Opens keys as other commands do, and never asks for a password. */
export const keyProbe = (passwordFile: string | undefined): KeyProbe => ({
  inspect: async (ctx, key) => {
    try {
      return await inspectPrivate(ctx, key, passwordFile);
    } catch (thrown) {
      const found = await openPublicKeys(ctx, [key]).catch(() => undefined);
      if (found?.keys[0] === undefined) throw thrown;
      return { kind: "public", ...describe(found.keys[0].key) };
    }
  },
});

const inspectPrivate = async (ctx: Ctx, key: string, passwordFile: string | undefined): Promise<InspectedKey> => {
  const password = passwordFile === undefined ? findPasswordVariable(readEnv) : "--password-file";
  const locked = new WaybillError("KEY_UNREADABLE", "nothing gives the password");
  const deps = { readEnv, readFile: readLocalFile, input: process.stdin, output: process.stderr, file: passwordFile };
  const opening = readSigner(ctx, key, {
    readEnv,
    readFile: readLocalFile,
    parsePublicKey,
    password: async (call) => {
      if (password === undefined) throw locked;
      return readPassword(call, "open", deps);
    },
  });
  try {
    const { publicKey } = await (await opening).unlock();
    return { kind: "private", ...describe(publicKey), password: password ?? "" };
  } catch (thrown) {
    if (thrown === locked) return { kind: "locked" };
    throw thrown;
  }
};

const describe = (key: PublicKey): { readonly algorithm: string; readonly fingerprint: string } => ({
  algorithm: key.kind,
  fingerprint: keyFingerprint(key),
});
