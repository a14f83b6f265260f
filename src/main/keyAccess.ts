import type { KeyPairAccess } from "#cli/deps.ts";
import type { Ctx } from "#core/ctx.ts";
import { mapLimited } from "#core/limit.ts";
import type { LockedSigner } from "#core/signer.ts";
import { keyFileExists, writeKeyPair } from "#host/keyFiles.ts";
import { readPassword } from "#host/password.ts";
import { readLocalFile } from "#host/readLocalFile.ts";
import { generateKey, importKey } from "#keys/newKey.ts";
import { openPublicKey } from "#keys/openPublicKey.ts";
import { readSigner } from "#keys/openSigner.ts";
import { VERSION } from "#main/version.ts";
import { fetchText } from "#net/fetchText.ts";
import { readProxies } from "#net/proxies.ts";
import { createTransport } from "#net/transport.ts";
import { parsePublicKey } from "#trust/publicKey.ts";
import type { TrustMaterial } from "#trust/verifiedClaim.ts";

const readEnv = (name: string): string | undefined => process.env[name];

const reader = { readFile: readLocalFile, readEnv };

const passwordOf = (file: string | undefined) => ({
  readEnv,
  readFile: readLocalFile,
  input: process.stdin,
  output: process.stderr,
  file,
});

/** The private key that a reference names, still encrypted, and its password. */
export const readPrivateKey = (ctx: Ctx, key: string, passwordFile: string | undefined): Promise<LockedSigner> =>
  readSigner(ctx, key, {
    ...reader,
    parsePublicKey,
    password: (call) => readPassword(call, "open", passwordOf(passwordFile)),
  });

/** Public keys by reference; each goes by that reference in results. */
export const openPublicKeys = async (ctx: Ctx, keys: readonly string[]): Promise<TrustMaterial> => {
  const transport = createTransport({ version: VERSION, proxies: readProxies(process.env) });
  const deps = { ...reader, parsePublicKey, fetchText: fetchText(transport.send) };
  try {
    return { keys: await mapLimited(keys, 4, async (name) => ({ name, key: await openPublicKey(ctx, name, deps) })) };
  } finally {
    await transport.close();
  }
};

/** What makes and imports key pairs on this machine. */
export const keyPairs = (passwordFile: string | undefined): KeyPairAccess => ({
  files: { exists: keyFileExists, writePair: writeKeyPair },
  newPassword: (ctx) => readPassword(ctx, "new", passwordOf(passwordFile)),
  generate: () => generateKey(parsePublicKey),
  read: (ctx, key) => importKey(ctx, key, { ...reader, parsePublicKey }),
});
