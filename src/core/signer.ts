import type { Ctx } from "#core/ctx.ts";
import type { PublicKey } from "#core/keyAlgorithm.ts";

/** A private key that was found, together with what opens it. */
export interface LockedSigner {
  /** May take tenths of a second of another thread. PASSWORD_WRONG, KEY_UNREADABLE, KEY_WEAK. */
  readonly unlock: () => Promise<MessageSigner>;
}

/** Signs bytes; the private key never leaves the adapter behind it. */
export interface Signer {
  readonly publicKey: PublicKey;
  /** Raw signature (ECDSA: ASN.1 DER) over exactly these bytes, with the key's own hash (cosign.md 4.4). */
  readonly sign: (ctx: Ctx, bytes: Uint8Array) => Promise<Uint8Array>;
}

/** A signer that is also there for what is too large to be held. */
export interface MessageSigner extends Signer {
  /**
   * The same over bytes of which only the digest by the key's own hash (`messageHash`) is there. An Ed25519 key signs
   * prehashed then (Ed25519ph), since its pure form is over the bytes themselves.
   */
  readonly signDigest: (ctx: Ctx, digest: Uint8Array) => Promise<Uint8Array>;
}
