import { generateKeyPair } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { promisify } from "node:util";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import type { PublicKey } from "#core/keyAlgorithm.ts";
import { encryptKey } from "#keys/encryptedKey.ts";
import { nameSource, parseKeySource, readKeyText } from "#keys/keySource.ts";
import type { KeyReader } from "#keys/keySource.ts";
import { readPem } from "#keys/pem.ts";
import { asPrivateKey, readPlainKey } from "#keys/privateKey.ts";
import type { ParsePublicKey, PrivateKey } from "#keys/privateKey.ts";

/** A private key that is not on disk yet: all one can have of it is its encrypted form. */
export interface NewKey {
  readonly publicKey: PublicKey;
  /** Cosign's encrypted key file, PEM. */
  readonly encrypt: (password: Uint8Array) => Promise<string>;
}

/** Makes a P-256 key, the only kind that cosign generates and every version of it verifies. */
export const generateKey = async (parsePublicKey: ParsePublicKey): Promise<NewKey> => {
  const { privateKey } = await promisify(generateKeyPair)("ec", { namedCurve: "P-256" });
  return asNewKey(asPrivateKey(privateKey, "the new key", parsePublicKey));
};

/** Reads the unencrypted private key that `reference` (a path or env://VARIABLE) names. */
export const importKey = async (
  ctx: Ctx,
  reference: string,
  deps: KeyReader & { readonly parsePublicKey: ParsePublicKey },
): Promise<NewKey> => {
  const source = parseKeySource(reference);
  if (source.kind === "https")
    throw new WaybillError("CONFIG_INVALID", "a private key is not fetched over the network");
  const name = nameSource(source);
  const block = readPem(await readKeyText(ctx, source, deps), name);
  return asNewKey(readPlainKey(block, name, deps.parsePublicKey));
};

const asNewKey = ({ object, publicKey }: PrivateKey): NewKey => ({
  publicKey,
  encrypt: (password) => encryptObject(object, password),
});

const encryptObject = async (object: KeyObject, password: Uint8Array): Promise<string> => {
  const pkcs8 = object.export({ type: "pkcs8", format: "der" });
  try {
    return await encryptKey(pkcs8, password);
  } finally {
    pkcs8.fill(0);
  }
};
