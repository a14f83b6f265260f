import type { Digest } from "#core/digest.ts";
import type { Tenant } from "#records/build.ts";

/** Bytes that are served as they are, under their digest. */
export interface Document {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** One verified claim about an image, found or made by the service. An index entry: the claim itself is in the registry. */
export interface IssuedPaper {
  readonly tenant: Tenant;
  readonly subject: Digest;
  /** `host/repository` where it was found. */
  readonly repository: string;
  readonly kind: "signature" | "attestation";
  readonly predicateType: string;
  /** SHA-256 of the payload: with subject and key it names the claim, however it is stored. */
  readonly payload: Digest;
  /** `sha256:` and the hex of the SHA-256 of the signer's SubjectPublicKeyInfo. */
  readonly key: string;
  /** Signature annotations; of a provenance, `build_id`, `app_id` and `tenant_id` as it names them. */
  readonly annotations: Readonly<Record<string, string>>;
  /** The attested predicate's exact bytes; undefined for a signature. */
  readonly predicate: Digest | undefined;
  /** The DSSE envelope as JSON, or for a signature in simple signing form its payload. */
  readonly envelope: Digest | undefined;
  /** Raw signature over the simple signing payload, base64. */
  readonly signature: string | undefined;
  /** The Sigstore bundle. */
  readonly bundle: Digest | undefined;
  /** When the service verified it, milliseconds since 1970. */
  readonly verifiedAt: number;
}
