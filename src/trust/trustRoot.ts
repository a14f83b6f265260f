import type { PublicKey } from "#core/keyAlgorithm.ts";
import type { Certificate } from "#trust/certificate.ts";

/** From when to when something counts, both ends included. */
export interface Window {
  readonly start: Date | undefined;
  readonly end: Date | undefined;
}

/** Who issues certificates to people and workloads, or timestamps. */
export interface Authority {
  readonly uri: string;
  /** The nearest to the leaf first, the anchor last; of a timestamp authority the leaf itself may be the first. */
  readonly certificates: readonly Certificate[];
  readonly window: Window;
}

/** A transparency log for signatures or for certificates. */
export interface TrustedLog {
  /** Empty where nobody says. */
  readonly uri: string;
  /** As entries name the log: what its document says, which for Rekor v2 is the id of its checkpoint key; else SHA-256 of its SPKI. */
  readonly logId: Uint8Array;
  /** SHA-256 of its SPKI. */
  readonly keyId: Uint8Array;
  /** What its checkpoints call it: the host of its URI; empty for a log of which only the key is known, which may go by any name. */
  readonly origin: string;
  readonly key: PublicKey;
  readonly window: Window;
  readonly operator: string | undefined;
}

/** One instance of Sigstore: who is believed to issue certificates and times, and to keep logs (sigstore_trustroot.proto). */
export interface TrustRoot {
  /** The file, the mirror, or `embedded`. */
  readonly source: string;
  /** When its publisher made or last confirmed it; undefined where nobody says so. */
  readonly published: Date | undefined;
  readonly certificateAuthorities: readonly Authority[];
  readonly timestampAuthorities: readonly Authority[];
  readonly logs: readonly TrustedLog[];
  readonly ctLogs: readonly TrustedLog[];
}
