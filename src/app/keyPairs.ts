import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import type { PublicKey } from "#core/keyAlgorithm.ts";
import type { Signer } from "#core/signer.ts";
import { formatPublicKey, keyFingerprint } from "#trust/publicKey.ts";

/** A key pair as files: the encrypted private key and the public key, both PEM text. */
export interface KeyPairFiles {
  readonly private: { readonly path: string; readonly text: string };
  readonly public: { readonly path: string; readonly text: string };
}

/** Where key files live. */
export interface KeyFiles {
  readonly exists: (ctx: Ctx, path: string) => Promise<boolean>;
  /**
   * Writes both files or none, each whole or not at all: the private one with mode 0600, the public one 0644. Without
   * `overwrite`, USAGE_INVALID where one of them has come to exist; STORE_FAILED when the files cannot be written.
   */
  readonly writePair: (ctx: Ctx, pair: KeyPairFiles, overwrite: boolean) => Promise<void>;
}

/** A private key that can only be had encrypted (cosign's key file, PEM). */
export interface UnsavedKey {
  readonly publicKey: PublicKey;
  readonly encrypt: (password: Uint8Array) => Promise<string>;
}

export interface KeyPairDeps {
  readonly files: KeyFiles;
  /** The password of a key that is made now; asked for twice where somebody types it. */
  readonly newPassword: (ctx: Ctx) => Promise<Uint8Array>;
}

export interface KeyPairPlace {
  /** Path without `.key` and `.pub`. */
  readonly prefix: string;
  readonly overwrite: boolean;
}

export interface WrittenKeyPair {
  readonly privatePath: string;
  readonly publicPath: string;
  readonly publicKey: PublicKey;
  /** SHA-256 of the SPKI, hex. */
  readonly fingerprint: string;
}

/** Makes a new key pair and writes its two files. */
export const generateKeyPair =
  (deps: KeyPairDeps & { readonly generate: (ctx: Ctx) => Promise<UnsavedKey> }) =>
  async (ctx: Ctx, place: KeyPairPlace): Promise<WrittenKeyPair> => {
    await refuseExisting(deps.files, ctx, place);
    return save(deps, ctx, place, await deps.generate(ctx));
  };

/** Encrypts an existing, unencrypted private key into a key pair's two files. */
export const importKeyPair =
  (deps: KeyPairDeps & { readonly read: (ctx: Ctx, key: string) => Promise<UnsavedKey> }) =>
  async (ctx: Ctx, input: KeyPairPlace & { readonly key: string }): Promise<WrittenKeyPair> => {
    await refuseExisting(deps.files, ctx, input);
    return save(deps, ctx, input, await deps.read(ctx, input.key));
  };

/** The public half of a private key, as PEM. */
export const publicKeyOf =
  (deps: { readonly openSigner: (ctx: Ctx, key: string) => Promise<Signer> }) =>
  async (ctx: Ctx, input: { readonly key: string }): Promise<string> =>
    formatPublicKey((await deps.openSigner(ctx, input.key)).publicKey);

const pathsOf = (prefix: string): { readonly privatePath: string; readonly publicPath: string } => ({
  privatePath: `${prefix}.key`,
  publicPath: `${prefix}.pub`,
});

/** Nobody should type a password twice to be told then. The writing itself refuses once more. */
const refuseExisting = async (files: KeyFiles, ctx: Ctx, place: KeyPairPlace): Promise<void> => {
  if (place.overwrite) return;
  const { privatePath, publicPath } = pathsOf(place.prefix);
  for (const path of [privatePath, publicPath]) {
    if (await files.exists(ctx, path)) {
      throw new WaybillError("USAGE_INVALID", `${path} exists already; nothing was written`, {
        hint: "Choose another --output-key-prefix, or give -y to overwrite: what only the old key opens is then lost.",
      });
    }
  }
};

const save = async (deps: KeyPairDeps, ctx: Ctx, place: KeyPairPlace, key: UnsavedKey): Promise<WrittenKeyPair> => {
  const { privatePath, publicPath } = pathsOf(place.prefix);
  const text = await key.encrypt(await deps.newPassword(ctx));
  const pair = {
    private: { path: privatePath, text },
    public: { path: publicPath, text: formatPublicKey(key.publicKey) },
  };
  await deps.files.writePair(ctx, pair, place.overwrite);
  return { privatePath, publicPath, publicKey: key.publicKey, fingerprint: keyFingerprint(key.publicKey) };
};
