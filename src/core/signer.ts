import type { Ctx } from "#core/ctx.ts";
import type { PublicKey } from "#core/keyAlgorithm.ts";

/** A private key that was found, together with what opens it. */
export interface LockedSigner {
  /** May take tenths of a second of another thread. PASSWORD_WRONG, KEY_UNREADABLE, KEY_WEAK. */
  readonly unlock: () => Promise<Signer>;
}

/** Signs bytes; the private key never leaves the adapter behind it. */
export interface Signer {
  readonly publicKey: PublicKey;
  /** Raw signature (ECDSA: ASN.1 DER) over exactly these bytes, with the key's own hash (cosign.md 4.4). */
  readonly sign: (ctx: Ctx, bytes: Uint8Array) => Promise<Uint8Array>;
}
