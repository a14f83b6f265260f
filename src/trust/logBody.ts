import type { HashName } from "#core/keyAlgorithm.ts";
import type { JsonObject } from "#core/strictJson.ts";

/** What a log wrote down (cosign.md 6.1, 6.5), whichever its kind. */
export interface LogBody {
  /** Kind and version, such as `hashedrekord 0.0.1`. */
  readonly kind: string;
  /** Rekor v1 gives promises, Rekor v2 only proofs. */
  readonly generation: 1 | 2;
  readonly signatures: readonly LoggedSignature[];
  readonly digests: readonly LoggedDigest[];
}

export interface LoggedSignature {
  /** Undefined in the one kind that does not keep it. */
  readonly signature: Uint8Array | undefined;
  readonly verifier: LoggedVerifier;
}

/** Who is said to have signed. */
export interface LoggedVerifier {
  readonly kind: "key" | "certificate";
  /** SPKI or certificate. */
  readonly der: Uint8Array;
  /** Name of the algorithm (sigstore_common.proto, PublicKeyDetails), where it is kept. */
  readonly details: string | undefined;
}

export interface LoggedDigest {
  /**
   * Of what: `signed` the bytes that the signature is over, by its own hash; `message` the same, by whichever hash;
   * `payload` and `envelope` those of a DSSE envelope.
   */
  readonly of: "signed" | "message" | "payload" | "envelope";
  readonly hash: HashName;
  readonly value: Uint8Array;
}

/** What a body's `spec` says. Throws INPUT_INVALID. */
export type ReadSpec = (spec: JsonObject) => Pick<LogBody, "signatures" | "digests">;
