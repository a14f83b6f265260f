import type { Claim, Found } from "#claims/claim.ts";
import type { Digest } from "#core/digest.ts";
import type { PublicKey, SignatureScheme } from "#core/keyAlgorithm.ts";
import type { Json } from "#core/strictJson.ts";
import type { RefusalCode } from "#trust/refusalCode.ts";

/** Keys (later: roots and certificates) that may speak, and the name each goes by in results. */
export interface TrustedKey {
  readonly name: string;
  readonly key: PublicKey;
}

export interface TrustMaterial {
  readonly keys: readonly TrustedKey[];
}

/** What a claim must be to count. */
export type Requirement =
  | {
      readonly kind: "signature";
      readonly subject: Digest;
      /** Each must be signed with exactly this value; more may be signed. */
      readonly annotations: Readonly<Record<string, string>>;
      /** False: the signature is checked, the subject and annotations are not (`--check-claims=false`). */
      readonly checkClaims: boolean;
    }
  | {
      readonly kind: "attestation";
      readonly subject: Digest;
      /** Exact URI, or undefined for every type but the image signature's. */
      readonly predicateType: string | undefined;
      readonly checkClaims: boolean;
    };

/** Made only by `verifyClaim`. */
export interface VerifiedClaim {
  readonly kind: "signature" | "attestation";
  readonly found: Found;
  readonly claim: Claim;
  readonly signer: { readonly name: string; readonly key: PublicKey; readonly scheme: SignatureScheme };
  /**
   * The subject that was asked for, where the document names it (always, when claims were checked); else its first one,
   * undefined where it names none by sha256.
   */
  readonly subject: Digest | undefined;
  /** All subject digests that the signed document names, lower-case sha256. */
  readonly subjects: readonly Digest[];
  /** Signed annotations: `optional` of simple signing (strings only), or the matching subject's `annotations`. */
  readonly annotations: Readonly<Record<string, string>>;
  /** Predicate type URI; for legacy signatures cosign's type text. */
  readonly predicateType: string;
  /** Exact bytes of the predicate within the verified payload; undefined for simple signing or where there is none. */
  readonly predicateBytes: Uint8Array | undefined;
  /** The whole verified document, parsed strictly from exactly the verified bytes. */
  readonly document: Json;
  /** The verified payload bytes. */
  readonly payload: Uint8Array;
  /** Proofs of time and log: none for keyed claims without services. */
  readonly proofs: { readonly log: "not checked"; readonly timestamp: "not checked" };
}

/** Why a claim does not count. `nearness` orders: the higher, the closer it came. */
export interface Refusal {
  readonly found: Found;
  readonly code: RefusalCode;
  readonly nearness: number;
  readonly reason: string;
}

export type ClaimVerdict =
  | { readonly ok: true; readonly claim: VerifiedClaim }
  | { readonly ok: false; readonly refusal: Refusal };
