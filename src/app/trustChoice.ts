import type { TrustedIdentity } from "#trust/identityRule.ts";
import type { ProofDemand } from "#trust/verifiedClaim.ts";

/** Where trusted roots are to come from; nothing given: from the TUF repository that was set up, or the public one. */
export interface RootChoice {
  /** trusted_root.json files, each a root of its own. Given: nothing else is contacted. */
  readonly trustedRoots: readonly string[];
  /** PEM files in place of what the root says (cosign.md 5.2). */
  readonly caRoots: readonly string[];
  readonly caIntermediates: readonly string[];
  /** One authority a file, the root last. */
  readonly caChains: readonly string[];
  readonly timestampChains: readonly string[];
  /** Only files are read; a root that was kept or is embedded is taken with its age shown. */
  readonly offline: boolean;
  /** Milliseconds since its publisher last confirmed it; undefined: any. */
  readonly maxRootAge: number | undefined;
  /** Sigstore's staging instance takes the place of the one that was chosen; `trustedRoots` still go before it. */
  readonly staging?: boolean;
}

/** Whose word counts, as the user said it. Files are still to be read. */
export interface TrustChoice {
  /** Public keys by reference. */
  readonly keys: readonly string[];
  readonly identity: TrustedIdentity | undefined;
  /** Files of named trust sets. */
  readonly sets: readonly string[];
  /** Of keys and of the identity; undefined: neither log nor timestamp nor certificate is looked at, and no root is needed. */
  readonly demand: ProofDemand | undefined;
  readonly roots: RootChoice;
  /** As of when; undefined: now. */
  readonly at: Date | undefined;
}
