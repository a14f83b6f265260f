import seeds from "@sigstore/tuf/seeds.json" with { type: "json" };

/** Sigstore's public instance as it was when this program was built. Loading this module costs what it holds: import it lazily. */
export interface PublicGoodSeed {
  /** From which TUF starts, also after it expired. */
  readonly root: Uint8Array;
  /** `trusted_root.json`, for where nobody may be asked. */
  readonly trustedRoot: Uint8Array;
  /** No later than this its publisher confirmed it. */
  readonly taken: Date;
}

/** The version of @sigstore/tuf that is pinned, and when it was published: it fetches the seed as it is made. */
export const SEED_RELEASE = { version: "5.0.1", published: "2026-11-05T00:19:12Z" } as const;

export const readPublicGoodSeed = (): PublicGoodSeed => {
  const seed = seeds["https://tuf-repo-cdn.sigstore.dev"];
  return {
    root: Buffer.from(seed["root.json"], "base64"),
    trustedRoot: Buffer.from(seed.targets["trusted_root.json"], "base64"),
    taken: new Date(SEED_RELEASE.published),
  };
};
