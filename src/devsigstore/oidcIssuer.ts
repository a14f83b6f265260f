import { createPublicKey, randomUUID } from "node:crypto";
import { newDevKey } from "#devsigstore/devKey.ts";
import type { DevKey } from "#devsigstore/devKey.ts";
import { writeToken } from "#devsigstore/jsonWebToken.ts";
import { wishedClaims } from "#devsigstore/wishedClaims.ts";
import type { IdentityWish } from "#devsigstore/wishedClaims.ts";

/** An issuer of identity tokens that believes whatever it is told. */
export interface OidcIssuer {
  readonly url: string;
  /** Names users of this issuer in certificates. */
  readonly host: string;
  readonly audience: string;
  readonly key: DevKey;
  /** The key's, as a JSON Web Key Set (RFC 7517). */
  readonly keySet: unknown;
  /** A signed token; `nonce` is the caller's own. INPUT_INVALID for a wish that is none. */
  readonly tokenFor: (wish: IdentityWish, nonce?: string) => string;
}

// As those of GitHub; one signature needs a token for seconds.
export const TOKEN_SECONDS = 300;
// What Fulcio of the public-good instance asks for, and cosign's client id.
const AUDIENCE = "sigstore";

/** `now` in milliseconds since 1970. */
export const createOidcIssuer = (url: string, now: () => number): OidcIssuer => {
  const key = newDevKey("ecdsa-p256");
  const kid = Buffer.from(key.fingerprint).toString("hex").slice(0, 16);
  const jwk = createPublicKey({ key: Buffer.from(key.publicKey.spki), format: "der", type: "spki" }).export({
    format: "jwk",
  });
  return {
    url,
    host: new URL(url).hostname.replace(/^\[|\]$/g, ""),
    audience: AUDIENCE,
    key,
    keySet: { keys: [{ ...jwk, kid, use: "sig", alg: "ES256" }] },
    tokenFor: (wish, nonce) => {
      const issued = Math.floor(now() / 1000);
      const own = { iss: url, aud: AUDIENCE, iat: issued, nbf: issued, exp: issued + TOKEN_SECONDS, jti: randomUUID() };
      return writeToken({ ...wishedClaims(wish), ...own, ...(nonce === undefined ? {} : { nonce }) }, key, kid);
    },
  };
};
