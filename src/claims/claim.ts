import type { LogEntry } from "#claims/logEntry.ts";
import type { Digest } from "#core/digest.ts";
import type { MessageDigest } from "#core/message.ts";

/** Where a claim was found; several copies of one claim differ only here. */
export interface Found {
  readonly form: "legacy" | "bundle";
  /** Digest of what carries it: the manifest of the `.sig`/`.att` image or of the referrer; of what a file holds, of its payload or of the file. */
  readonly manifest: Digest;
  /** Tag of the legacy image; undefined for a referrer. */
  readonly tag?: string;
  /** Name of the file that holds it, where nothing in a store does. */
  readonly file?: string;
  /** Position among the layers of the legacy image. */
  readonly layer?: number;
}

/** A DSSE envelope as carried (DSSE protocol v1.0.2): payload and signatures decoded from base64, nothing interpreted. */
export interface Envelope {
  readonly payloadType: string;
  readonly payload: Uint8Array;
  readonly signatures: readonly { readonly keyid: string; readonly sig: Uint8Array }[];
}

/** What a paper brings along to prove who signed it and when. Nothing of it is verified. */
export interface CarriedProofs {
  /** DER, the leaf first. */
  readonly certificates: readonly Uint8Array[];
  readonly logEntries: readonly LogEntry[];
  /** TimeStampResp, DER. */
  readonly timestamps: readonly Uint8Array[];
  /** A signed certificate timestamp that stands beside the certificate, as a file of the user's has it. */
  readonly sct?: Uint8Array;
  /** Why not all of it could be read, where that is so: then nothing is proven by it. */
  readonly flaw?: string;
}

/** cosign's legacy signature: a simple-signing payload and a detached signature over exactly these bytes. */
export interface SimpleSigningClaim {
  readonly kind: "simple-signing";
  readonly found: Found;
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
  /** Whether the layer carries a certificate, unsigned. Never evidence by itself. */
  readonly material: "certificate" | "none";
  /** Undefined: nothing. */
  readonly carried?: CarriedProofs;
}

/** An in-toto statement in a DSSE envelope, from an `.att` layer or a Sigstore bundle. */
export interface DsseClaim {
  readonly kind: "dsse";
  readonly found: Found;
  readonly envelope: Envelope;
  /** What the carrier says of how it was signed; a legacy layer names at most a certificate. Never evidence. */
  readonly material: "public-key" | "certificate" | "none";
  /** The key that the bundle says it is by (see `publicKeyHint`). Never evidence. */
  readonly keyHint?: string;
  /** Undefined: nothing. */
  readonly carried?: CarriedProofs;
  /** The envelope's or the bundle's JSON exactly as carried. */
  readonly bytes: Uint8Array;
}

/**
 * Somebody says something about some digest. There is no predicate here on purpose: unverified content reaches nobody
 * before `verifyClaim` (trust/) has judged the envelope (attack 25).
 */
export type Claim = SimpleSigningClaim | DsseClaim;

/** A paper that could not even be read: one failed candidate, which never hides a good one. */
export interface UnreadableClaim {
  readonly kind: "unreadable";
  readonly found: Found;
  readonly reason: string;
}

export type Candidate = Claim | UnreadableClaim;

/** A signature over the bytes of a file themselves, as `sign-blob` makes it. */
export interface MessageClaim {
  readonly kind: "message";
  readonly found: Found;
  readonly signature: Uint8Array;
  /** What a bundle says the digest of the signed bytes is. Never evidence; a bundle that contradicts itself is refused. */
  readonly digest: MessageDigest | undefined;
  readonly material: "public-key" | "certificate" | "none";
  readonly keyHint?: string;
  /** Undefined: nothing. */
  readonly carried?: CarriedProofs;
}

/** What can be said about a file: that it is signed, or a statement about its digest. */
export type BlobCandidate = MessageClaim | DsseClaim | UnreadableClaim;
