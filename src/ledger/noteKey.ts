import { hash } from "node:crypto";
import type { PublicKey } from "#core/keyAlgorithm.ts";

// C2SP signed-note, "Signature types"; a type without a number of its own is 0xff and a text.
const ED25519 = Buffer.of(0x01);
const COSIGNATURE = Buffer.of(0x04);
const RSA = Buffer.from("\u00ffPKIX-RSA-PKCS#1v1.5", "latin1");

/**
 * What a key that signs notes under this name is called: 32 bytes, the whole of which is the log id of Rekor v2. An ECDSA
 * key's is that of its SPKI alone, whatever its name (cosign.md 6.5).
 */
export const noteKeyHash = (name: string, { kind, spki }: PublicKey): Uint8Array => {
  if (kind === "ed25519") return hashOf(name, ED25519, spki.subarray(-32));
  return kind === "rsa" ? hashOf(name, RSA, spki) : spkiHash(spki);
};

/** The same for a witness's Ed25519 key, which signs cosignatures (C2SP tlog-cosignature, "Format"). */
export const cosignerKeyHash = (name: string, { spki }: PublicKey): Uint8Array =>
  hashOf(name, COSIGNATURE, spki.subarray(-32));

/** SHA-256 of an SPKI: what a key of Rekor v1 is called, of whatever kind it is. */
export const spkiHash = (spki: Uint8Array): Uint8Array => hash("sha256", spki, "buffer");

/** The first four bytes, as signature lines of notes carry them. */
export const noteKeyId = (keyHash: Uint8Array): number => Buffer.from(keyHash.subarray(0, 4)).readUInt32BE();

const hashOf = (name: string, type: Uint8Array, key: Uint8Array): Uint8Array =>
  hash("sha256", Buffer.concat([Buffer.from(`${name}\n`), type, key]), "buffer");
