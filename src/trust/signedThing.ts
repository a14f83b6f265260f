import type { Envelope } from "#claims/claim.ts";
import type { HashName, PublicKey, SignatureScheme } from "#core/keyAlgorithm.ts";
import type { Certificate } from "#trust/certificate.ts";

/** A signature that was found good, and what it is over: a log entry that comes with it must be about exactly this. */
export interface SignedThing {
  readonly signature: Uint8Array;
  readonly verifier:
    | { readonly kind: "key"; readonly key: PublicKey }
    | { readonly kind: "certificate"; readonly certificate: Certificate };
  readonly scheme: SignatureScheme;
  readonly content:
    | {
        readonly kind: "dsse";
        readonly envelope: Envelope;
        /** The envelope's own JSON as it was carried, where it was carried by itself. */
        readonly bytes?: Uint8Array;
      }
    /** SHA-256 and the hash that the signature is over, at least. */
    | { readonly kind: "message"; readonly digests: ReadonlyMap<HashName, Uint8Array> };
}
