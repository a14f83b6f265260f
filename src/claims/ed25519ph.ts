import { createHash } from "node:crypto";
import { eddsa } from "@noble/curves/abstract/edwards.js";
import { ed25519 } from "@noble/curves/ed25519.js";

// RFC 8032 section 5.1 with phflag 1. The library's own Ed25519ph wants the whole message; here its SHA-512 is all there is.
const prehashed = eddsa(
  ed25519.Point,
  (bytes: Uint8Array) => new Uint8Array(createHash("sha512").update(bytes).digest()),
  {
    // Section 5.1.5, step 2.
    adjustScalarBytes: (bytes: Uint8Array) => {
      bytes[0] = (bytes[0] ?? 0) & 0xf8;
      bytes[31] = ((bytes[31] ?? 0) & 0x7f) | 0x40;
      return bytes;
    },
    // Section 2, dom2(1, "").
    domain: (bytes: Uint8Array) => Buffer.concat([Buffer.from("SigEd25519 no Ed25519 collisions\x01\x00"), bytes]),
    prehash: (digest: Uint8Array) => digest,
  },
);

/** Signs the SHA-512 of a message; `seed` is the private key of RFC 8032, 32 bytes. */
export const signEd25519ph = (digest: Uint8Array, seed: Uint8Array): Uint8Array => prehashed.sign(digest, seed);

/** Whether `signature` (64 bytes) is over the message with this SHA-512. ZIP 215 would let in what the RFC refuses. */
export const verifyEd25519ph = (signature: Uint8Array, digest: Uint8Array, publicKey: Uint8Array): boolean =>
  prehashed.verify(signature, digest, publicKey, { zip215: false });
