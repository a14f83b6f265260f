import type { ImagePattern } from "#core/imagePattern.ts";
import type { PublicKey } from "#core/keyAlgorithm.ts";
import type { Reference } from "#core/reference.ts";
import { WaybillError } from "#core/errors.ts";
import type { TrustedIdentity } from "#trust/identityRule.ts";
import type { TrustRoot, Window } from "#trust/trustRoot.ts";
import { isWithin } from "#trust/window.ts";

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

/**
 * The keys of a set that count for an image at a moment; none where no key is meant for it. TRUST_EXPIRED where some are and
 * none of them counts at that moment: then nobody has decided anything.
 */
export const keysInForce = (set: TrustSet, image: Reference, at: Date): readonly ScopedKey[] => {
  const meant = set.keys.filter(({ images }) => images.length === 0 || images.some(({ matches }) => matches(image)));
  const inForce = meant.filter(({ window }) => isWithin(window, at));
  if (inForce.length > 0 || meant.length === 0) return inForce;
  const names = meant.map(({ name }) => name).join(", ");
  throw new WaybillError(
    "TRUST_EXPIRED",
    `no key of the trust set ${set.name} counts at ${at.toISOString()}: ${names}`,
    {
      hint: "Bring a key into the set whose window holds that moment, or say with --at as of when is meant.",
      details: { set: set.name, keys: names },
    },
  );
};
