import type { Claim, Found } from "#claims/claim.ts";
import type { Digest } from "#core/digest.ts";
import type { ImagePattern } from "#core/imagePattern.ts";
import type { PublicKey, SignatureScheme } from "#core/keyAlgorithm.ts";
import type { Json } from "#core/strictJson.ts";
import type { RefusalCode } from "#trust/refusalCode.ts";
import type { CertificatePath } from "#trust/certificatePath.ts";
import type { SignerIdentity, TrustedIdentity } from "#trust/identityRule.ts";
import type { VerifiedLogEntry } from "#trust/logProof.ts";
import type { VerifiedSct } from "#trust/signedCertificateTimestamp.ts";
import type { VerifiedTimestamp } from "#trust/timestamp.ts";
import type { TrustRoot, Window } from "#trust/trustRoot.ts";

/** What must prove a signature besides itself. Undefined: that kind of proof is not looked at at all. */
export interface ProofDemand {
  /** Distinct transparency logs that must hold it; 0: none must, and whatever entry is there must be right. */
  readonly logs: number | undefined;
  /** Distinct timestamp authorities that must have stamped it; 0 as above. */
  readonly timestamps: number | undefined;
  /** Distinct certificate transparency logs that must have promised to hold its certificate; 0 as above. */
  readonly scts: number | undefined;
}

/** Who is believed about certificates, logs and times, and what is demanded of them. */
export interface Backing {
  /** Each is a world of its own: no certificate of one is proven by the log of another. */
  readonly roots: readonly TrustRoot[];
  readonly demand: ProofDemand;
}

/** A key that may speak, and the name it goes by in results. */
export interface TrustedKey {
  readonly name: string;
  readonly key: PublicKey;
  /** When it may have signed; undefined: always. */
  readonly window?: Window;
  /** For which images it counts; undefined: for all. */
  readonly images?: readonly ImagePattern[];
  /** Undefined: no log entry and no timestamp is looked at. */
  readonly backing?: Backing;
}

/** Whose certificates may speak, and what must prove them. */
export interface CertifiedSigner {
  readonly identity: TrustedIdentity;
  readonly backing: Backing;
}

export interface TrustMaterial {
  readonly keys: readonly TrustedKey[];
  /** Undefined: no certificate counts. */
  readonly certified?: readonly CertifiedSigner[];
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
      /** Of a file, where it is known besides; images have none. */
      readonly sha512?: Digest | undefined;
      /** Exact URI, or undefined for every type but the image signature's. */
      readonly predicateType: string | undefined;
      readonly checkClaims: boolean;
    };

/** Made only by `verifyClaim`. */
export interface VerifiedClaim {
  readonly kind: "signature" | "attestation";
  readonly found: Found;
  readonly claim: Claim;
  readonly signer: ClaimSigner;
  /**
   * The subject that was asked for, where the document names it (always, when claims were checked), by whichever digest; else
   * its first one, undefined where it names none by sha256.
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
  readonly proofs: Proofs;
}

/** Who made a signature. */
export interface ClaimSigner {
  /** The key's name as it was given, or the name of the identity's rule. */
  readonly name: string;
  /** The trusted key, or the certificate's. */
  readonly key: PublicKey;
  readonly scheme: SignatureScheme;
  /** What the certificate says; undefined for a key. */
  readonly identity?: SignerIdentity;
}

/** Every kind of proof: what it proved, that there was none, or that nobody looked. */
export interface Proofs {
  readonly log: "not checked" | "absent" | readonly VerifiedLogEntry[];
  readonly timestamp: "not checked" | "absent" | readonly VerifiedTimestamp[];
  /** Undefined where a key signed. */
  readonly certificate?: {
    readonly path: CertificatePath;
    readonly scts: "not checked" | "absent" | readonly VerifiedSct[];
  };
  /** When it was signed at the latest, and who says so; undefined where nobody had to know. */
  readonly time?: { readonly at: Date; readonly by: "log" | "timestamp" | "clock" };
  /** Whose word all of this is; undefined where nothing but a key was asked for. */
  readonly root?: {
    readonly source: string;
    /** Undefined where nobody says so. */
    readonly published: Date | undefined;
    /** The time of verification, from which its age counts. */
    readonly at: Date;
  };
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
