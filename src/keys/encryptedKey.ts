import { randomBytes, scrypt } from "node:crypto";
import { xsalsa20poly1305 } from "@noble/ciphers/salsa.js";
import { WaybillError } from "#core/errors.ts";
import { isJsonObject, parseStrict } from "#core/strictJson.ts";
import type { Json, JsonObject } from "#core/strictJson.ts";
import { formatPem } from "#keys/pem.ts";
import type { PemBlock } from "#keys/pem.ts";

const LABEL = "ENCRYPTED SIGSTORE PRIVATE KEY";
const LABELS: readonly string[] = [LABEL, "ENCRYPTED COSIGN PRIVATE KEY"];

// What cosign writes and all that it reads (cosign.md 4.1): a file must not choose how much memory it costs to open.
const COST = 65_536;
const COSTS: readonly number[] = [32_768, COST, 131_072];
const BLOCK_SIZE = 8;
const PARALLELISM = 1;
// scrypt needs 128 * N * r bytes: 128 MiB at the highest cost, and a little more.
const MAX_MEMORY = 160 * 1024 * 1024;
const SALT_BYTES = 32;
const NONCE_BYTES = 24;
const TAG_BYTES = 16;
// RSA of 4096 bits is 2.4 KB of PKCS#8.
const MAX_CIPHERTEXT = 16 * 1024;
const JSON_LIMITS = { maxBytes: 32 * 1024, maxDepth: 4, maxValues: 32 };

/** True for the two PEM labels of cosign's encrypted key file. */
export const isEncryptedKey = (block: PemBlock): boolean => LABELS.includes(block.label);

/** Encrypts PKCS#8 DER into cosign's key file. Password bytes are used as they are; an empty one is allowed. */
export const encryptKey = async (pkcs8: Uint8Array, password: Uint8Array): Promise<string> => {
  const salt = randomBytes(SALT_BYTES);
  const nonce = randomBytes(NONCE_BYTES);
  const key = await deriveKey(password, salt, COST);
  const ciphertext = Buffer.from(xsalsa20poly1305(key, nonce).encrypt(pkcs8));
  key.fill(0);
  // The order of names is Go's (securesystemslib/encrypted).
  const document = {
    kdf: {
      name: "scrypt",
      params: { N: COST, r: BLOCK_SIZE, p: PARALLELISM },
      salt: salt.toString("base64"),
    },
    cipher: { name: "nacl/secretbox", nonce: nonce.toString("base64") },
    ciphertext: ciphertext.toString("base64"),
  };
  return formatPem(LABEL, Buffer.from(JSON.stringify(document)));
};

/**
 * Opens cosign's key file: the PKCS#8 DER. `what` names the file in errors: KEY_UNREADABLE for anything but this format with
 * these parameters, PASSWORD_WRONG when it does not open (a damaged file looks just the same).
 */
export const decryptKey = async (block: PemBlock, password: Uint8Array, what: string): Promise<Uint8Array> => {
  const sealed = readSealed(block.bytes, what);
  const key = await deriveKey(password, sealed.salt, sealed.cost);
  try {
    return xsalsa20poly1305(key, sealed.nonce).decrypt(sealed.ciphertext);
  } catch {
    throw new WaybillError("PASSWORD_WRONG", `${what}: the password is wrong, or the file is damaged`);
  } finally {
    key.fill(0);
  }
};

interface SealedKey {
  readonly cost: number;
  readonly salt: Uint8Array;
  readonly nonce: Uint8Array;
  readonly ciphertext: Uint8Array;
}

const readSealed = (bytes: Uint8Array, what: string): SealedKey => {
  const document = members(parseDocument(bytes, what), "the document", what);
  const kdf = members(document["kdf"], "kdf", what);
  const params = members(kdf["params"], "kdf.params", what);
  const cipher = members(document["cipher"], "cipher", what);
  if (kdf["name"] !== "scrypt") throw bad(what, "kdf.name is not scrypt");
  if (cipher["name"] !== "nacl/secretbox") throw bad(what, "cipher.name is not nacl/secretbox");
  const { N: cost, r: blockSize, p: parallelism } = params;
  if (typeof cost !== "number" || !COSTS.includes(cost) || blockSize !== BLOCK_SIZE || parallelism !== PARALLELISM) {
    throw bad(what, `kdf.params are not among those that cosign reads (N of ${COSTS.join(", ")}; r 8; p 1)`);
  }
  const ciphertext = readBytes(document["ciphertext"], "ciphertext", what);
  if (ciphertext.length <= TAG_BYTES || ciphertext.length > MAX_CIPHERTEXT)
    throw bad(what, "ciphertext has no size of a key");
  return {
    cost,
    salt: readBytes(kdf["salt"], "kdf.salt", what, SALT_BYTES),
    nonce: readBytes(cipher["nonce"], "cipher.nonce", what, NONCE_BYTES),
    ciphertext,
  };
};

const parseDocument = (bytes: Uint8Array, what: string): Json => {
  try {
    return parseStrict(bytes, what, JSON_LIMITS);
  } catch (cause) {
    throw new WaybillError("KEY_UNREADABLE", `${what}: the PEM block does not hold the JSON of an encrypted key`, {
      cause,
    });
  }
};

const members = (value: Json | undefined, name: string, what: string): JsonObject => {
  if (!isJsonObject(value)) throw bad(what, `${name} is not an object`);
  return value;
};

const readBytes = (value: Json | undefined, name: string, what: string, size?: number): Buffer => {
  const bytes = Buffer.from(typeof value === "string" ? value : "", "base64");
  if (bytes.toString("base64") !== value) throw bad(what, `${name} is not base64`);
  if (size !== undefined && bytes.length !== size) throw bad(what, `${name} is not ${size} bytes`);
  return bytes;
};

const deriveKey = (password: Uint8Array, salt: Uint8Array, cost: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const options = { N: cost, r: BLOCK_SIZE, p: PARALLELISM, maxmem: MAX_MEMORY };
    scrypt(password, salt, 32, options, (error, key) => (error === null ? resolve(key) : reject(error)));
  });

const bad = (what: string, reason: string): WaybillError =>
  new WaybillError("KEY_UNREADABLE", `${what}: not an encrypted key as cosign writes it: ${reason}`);
