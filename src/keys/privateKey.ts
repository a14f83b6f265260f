import { createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { WaybillError } from "#core/errors.ts";
import type { KeyKind, PublicKey } from "#core/keyAlgorithm.ts";
import { DECRYPT_HINT } from "#keys/pem.ts";
import type { PemBlock } from "#keys/pem.ts";

/** A private key in memory, and its public half. Both stay inside this room. */
export interface PrivateKey {
  readonly object: KeyObject;
  readonly publicKey: PublicKey;
}

/** Reads a public key's PEM by the one allow-list of kinds, curves and sizes; `what` names it in errors. */
export type ParsePublicKey = (pem: string, what: string) => PublicKey;

/** The hash that goes with a key when it signs (cosign.md 4.4); Ed25519 hashes by itself. */
export const signingHash = (kind: KeyKind): "sha256" | "sha384" | "sha512" | null => {
  if (kind === "ed25519") return null;
  if (kind === "ecdsa-p384") return "sha384";
  return kind === "ecdsa-p521" ? "sha512" : "sha256";
};

const ENCODINGS: Readonly<Record<string, "pkcs1" | "sec1" | "pkcs8">> = {
  "RSA PRIVATE KEY": "pkcs1",
  "EC PRIVATE KEY": "sec1",
  "PRIVATE KEY": "pkcs8",
};

/** True for an unencrypted private key: PKCS#8, SEC1 or PKCS#1. */
export const isPlainKey = (block: PemBlock): boolean => Object.hasOwn(ENCODINGS, block.label);

/** Reads an unencrypted private key (cosign.md 4.3); KEY_UNREADABLE says what else the block is, KEY_WEAK what is too weak. */
export const readPlainKey = (block: PemBlock, what: string, parsePublicKey: ParsePublicKey): PrivateKey => {
  const type = Object.hasOwn(ENCODINGS, block.label) ? ENCODINGS[block.label] : undefined;
  if (type === undefined) throw foreign(block.label, what);
  return readDer(block.bytes, type, what, parsePublicKey);
};

/** Reads what an encrypted key file holds, which is PKCS#8 and nothing else. */
export const readPkcs8 = (der: Uint8Array, what: string, parsePublicKey: ParsePublicKey): PrivateKey =>
  readDer(der, "pkcs8", what, parsePublicKey);

/** The key's public half, checked against the allow-list and against the private one. */
export const asPrivateKey = (object: KeyObject, what: string, parsePublicKey: ParsePublicKey): PrivateKey => {
  const publicKey = parsePublicKey(createPublicKey(object).export({ type: "spki", format: "pem" }).toString(), what);
  checkHalves(object, publicKey.kind, what);
  return { object, publicKey };
};

const readDer = (
  der: Uint8Array,
  type: "pkcs1" | "sec1" | "pkcs8",
  what: string,
  parsePublicKey: ParsePublicKey,
): PrivateKey => {
  let object: KeyObject;
  try {
    object = createPrivateKey({ key: Buffer.from(der.buffer, der.byteOffset, der.byteLength), format: "der", type });
  } catch (cause) {
    throw new WaybillError("KEY_UNREADABLE", `${what}: holds no private key in ${type.toUpperCase()}`, { cause });
  }
  return asPrivateKey(object, what, parsePublicKey);
};

// An EC key file carries its public half beside the private number, and OpenSSL believes it; Go computes it. With a foreign
// half the .pub file would be of another key than the signatures.
const checkHalves = (object: KeyObject, kind: KeyKind, what: string): void => {
  const probe = Buffer.from(what);
  const hash = signingHash(kind);
  if (!verify(hash, probe, createPublicKey(object), sign(hash, probe, object))) {
    throw new WaybillError("KEY_UNREADABLE", `${what}: its private and its public half do not belong together`);
  }
};

const foreign = (label: string, what: string): WaybillError => {
  if (label === "ENCRYPTED PRIVATE KEY") {
    return new WaybillError("KEY_UNREADABLE", `${what}: encrypted PKCS#8, which is not supported`, {
      hint: DECRYPT_HINT,
    });
  }
  if (label.startsWith("ENCRYPTED ")) {
    return new WaybillError("KEY_UNREADABLE", `${what}: this is an encrypted key file already`, {
      hint: "It needs no import; use it with --key.",
    });
  }
  return new WaybillError("KEY_UNREADABLE", `${what}: a PEM block ${JSON.stringify(label)}; a private key is wanted`, {
    hint: "Known are PRIVATE KEY (PKCS#8), EC PRIVATE KEY (SEC1) and RSA PRIVATE KEY (PKCS#1).",
  });
};
