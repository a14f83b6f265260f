import { sign } from "node:crypto";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import type { LockedSigner, MessageSigner } from "#core/signer.ts";
import { decryptKey, isEncryptedKey } from "#keys/encryptedKey.ts";
import { nameSource, parseKeySource, readKeyText } from "#keys/keySource.ts";
import type { KeyReader } from "#keys/keySource.ts";
import { readPem } from "#keys/pem.ts";
import { isPlainKey, readPkcs8, signingHash } from "#keys/privateKey.ts";
import type { ParsePublicKey, PrivateKey } from "#keys/privateKey.ts";
import { signDigest } from "#keys/signDigest.ts";

/** What opening a private key needs from outside. */
export interface SignerDeps extends KeyReader {
  /** The password of the key called `key`; asked for once, and only when there is a key to open. */
  readonly password: (ctx: Ctx, key: string) => Promise<Uint8Array>;
  readonly parsePublicKey: ParsePublicKey;
}

/**
 * Opens the encrypted private key that `reference` names: a path, or env://VARIABLE with the PEM text. The key is decrypted
 * here, once; signatures cost no scrypt. Signs as cosign verifies: ECDSA in DER with the key's own hash, RSA PKCS#1 v1.5 with
 * SHA-256, Ed25519 pure (cosign signs it prehashed and accepts only pure: cosign.md 11, 6).
 */
export const openSigner = async (ctx: Ctx, reference: string, deps: SignerDeps): Promise<MessageSigner> =>
  (await readSigner(ctx, reference, deps)).unlock();

/** The first half of `openSigner`: all that may have to ask or to wait for somebody. */
export const readSigner = async (ctx: Ctx, reference: string, deps: SignerDeps): Promise<LockedSigner> => {
  const source = parseKeySource(reference);
  if (source.kind === "https")
    throw new WaybillError("CONFIG_INVALID", "a private key is not fetched over the network");
  const name = nameSource(source);
  const block = readPem(await readKeyText(ctx, source, deps), name);
  if (isPlainKey(block)) throw plain(name, reference);
  if (!isEncryptedKey(block)) throw foreign(block.label, name);
  const password = await deps.password(ctx, name);
  return {
    unlock: async () => {
      const pkcs8 = await decryptKey(block, password, name);
      try {
        return asSigner(readPkcs8(pkcs8, name, deps.parsePublicKey));
      } finally {
        pkcs8.fill(0);
      }
    },
  };
};

const asSigner = (key: PrivateKey): MessageSigner => {
  const { object, publicKey } = key;
  const hash = signingHash(publicKey.kind);
  return {
    publicKey,
    sign: async (ctx, bytes) => {
      ctx.signal.throwIfAborted();
      return new Promise((resolve, reject) => {
        sign(hash, bytes, object, (error, signature) => (error === null ? resolve(signature) : reject(error)));
      });
    },
    signDigest: async (ctx, digest) => {
      ctx.signal.throwIfAborted();
      return signDigest(key, digest);
    },
  };
};

const plain = (name: string, reference: string): WaybillError =>
  new WaybillError("KEY_UNREADABLE", `${name}: an unencrypted private key must be imported before it can sign`, {
    hint: `Import it: waybill import-key-pair --key ${reference}`,
  });

const foreign = (label: string, name: string): WaybillError => {
  if (label.includes("PUBLIC KEY")) {
    return new WaybillError("KEY_UNREADABLE", `${name}: this is a public key; signing takes the private one`, {
      hint: "Give the .key file that belongs to it.",
    });
  }
  return new WaybillError(
    "KEY_UNREADABLE",
    `${name}: a PEM block ${JSON.stringify(label)}, not an encrypted private key`,
    {
      hint: "Make one with waybill generate-key-pair or waybill import-key-pair.",
    },
  );
};
