import type { ImagePattern } from "#core/imagePattern.ts";
import type { PublicKey } from "#core/keyAlgorithm.ts";
import type { TrustedIdentity } from "#trust/identityRule.ts";
import type { TrustRoot, Window } from "#trust/trustRoot.ts";

/** A document of named trust sets. Nothing in it was read from elsewhere yet. */
export interface TrustSets {
  /** The file. */
  readonly source: string;
  readonly sets: ReadonlyMap<string, TrustSet>;
  /** What is allowed and yet most likely not meant, each with file and line. */
  readonly warnings: readonly string[];
}

/** Whom somebody trusts for something: keys, or identities that some roots vouch for. */
export interface TrustSet {
  readonly name: string;
  readonly roots: readonly RootSource[];
  readonly keys: readonly ScopedKey[];
  readonly identities: readonly TrustedIdentity[];
  readonly demand: ProofDemand;
}

/** Where a trusted root comes from. Paths are relative to the document. */
export type RootSource = { readonly maxAgeMs: number | undefined } & (
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "inline"; readonly root: TrustRoot }
  /** The public-good instance, as this program carries it. */
  | { readonly kind: "embedded" }
  | { readonly kind: "tuf"; readonly mirror: string; readonly rootPath: string }
);

/** A key that counts within a window and for some repositories. */
export interface ScopedKey {
  readonly name: string;
  readonly key: { readonly kind: "pem"; readonly key: PublicKey } | { readonly kind: "file"; readonly path: string };
  readonly window: Window;
  /** None: for all images, layouts too. */
  readonly images: readonly ImagePattern[];
}

/** How many distinct ones must vouch for a signature; undefined: as without a set. */
export interface ProofDemand {
  readonly log: number | undefined;
  readonly timestamp: number | undefined;
  readonly sct: number | undefined;
}
