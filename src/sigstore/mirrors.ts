/** TUF mirrors whose roots are embedded. */
export const PUBLIC_GOOD_MIRROR = "https://tuf-repo-cdn.sigstore.dev";
export const STAGING_MIRROR = "https://tuf-repo-cdn.sigstage.dev";
