import { readTrustRoots } from "#trust/readTrustRoot.ts";
import type { TrustRoot } from "#trust/trustRoot.ts";

/** Sigstore's public instance as this program carries it. */
export interface EmbeddedRoots {
  readonly roots: readonly TrustRoot[];
  /** No later than this its publisher confirmed it. */
  readonly taken: Date;
  /** What its TUF repository is believed for. */
  readonly firstRoot: Uint8Array;
}

export const readEmbeddedRoots = async (): Promise<EmbeddedRoots> => {
  const { readPublicGoodSeed } = await import("#sigstore/publicGoodSeed.ts");
  const { root, trustedRoot, taken } = readPublicGoodSeed();
  const roots = readTrustRoots(trustedRoot, "embedded").map((one) => ({ ...one, published: taken }));
  return { roots, taken, firstRoot: root };
};
