import type { JWK } from "jose";
import { WaybillError } from "#core/errors.ts";
import { isJsonObject } from "#core/strictJson.ts";
import type { JsonObject } from "#core/strictJson.ts";

/** A public signing key of an issuer, without anything else that its JWK held. */
export interface IssuerKey {
  readonly kid: string | undefined;
  /** The one algorithm it is for, where its JWK says so. */
  readonly alg: string | undefined;
  readonly jwk: JWK;
}

/** What a key must be for an algorithm (RFC 7518 sections 3.3 to 3.5, RFC 8037): asymmetric ones only, so no HS/RS swap. */
const KEY_OF = {
  RS256: { kty: "RSA", crv: undefined },
  RS384: { kty: "RSA", crv: undefined },
  RS512: { kty: "RSA", crv: undefined },
  PS256: { kty: "RSA", crv: undefined },
  PS384: { kty: "RSA", crv: undefined },
  PS512: { kty: "RSA", crv: undefined },
  ES256: { kty: "EC", crv: "P-256" },
  ES384: { kty: "EC", crv: "P-384" },
  ES512: { kty: "EC", crv: "P-521" },
  EdDSA: { kty: "OKP", crv: "Ed25519" },
} as const;

export type OidcAlgorithm = keyof typeof KEY_OF;

/** Every algorithm that a token may be signed with. */
export const OIDC_ALGORITHMS = Object.keys(KEY_OF) as readonly OidcAlgorithm[];

// An issuer has a handful; each may be asked for by anybody's token.
const MAX_KEYS = 100;

/** The usable public keys of a JWK set (RFC 7517 section 5); others are passed over. Throws INPUT_INVALID for no set. */
export const publicKeysOf = (set: JsonObject): readonly IssuerKey[] => {
  const keys = set["keys"];
  if (!Array.isArray(keys)) throw new WaybillError("INPUT_INVALID", "its JWK set has no list of keys");
  if (keys.length > MAX_KEYS) throw new WaybillError("LIMIT_EXCEEDED", `its JWK set has more than ${MAX_KEYS} keys`);
  return keys.filter(isJsonObject).flatMap((key) => {
    const jwk = publicPart(key);
    return jwk === undefined || !isForVerifying(key) ? [] : [{ kid: text(key, "kid"), alg: text(key, "alg"), jwk }];
  });
};

/** The only key that fits; undefined where none does, or several do and nothing tells which. */
export const pickKey = (keys: readonly IssuerKey[], alg: OidcAlgorithm, kid: string | undefined): JWK | undefined => {
  const { kty, crv } = KEY_OF[alg];
  const fitting = keys.filter(
    (key) =>
      key.jwk.kty === kty &&
      (crv === undefined || key.jwk.crv === crv) &&
      (key.alg === undefined || key.alg === alg) &&
      (kid === undefined || key.kid === kid),
  );
  return fitting.length === 1 ? fitting[0]?.jwk : undefined;
};

const publicPart = (key: JsonObject): JWK | undefined => {
  const [kty, n, e, crv, x, y] = ["kty", "n", "e", "crv", "x", "y"].map((name) => text(key, name));
  if (kty === "RSA" && n !== undefined && e !== undefined) return { kty, n, e };
  if (kty === "EC" && crv !== undefined && x !== undefined && y !== undefined) return { kty, crv, x, y };
  if (kty === "OKP" && crv !== undefined && x !== undefined) return { kty, crv, x };
  return undefined;
};

const isForVerifying = (key: JsonObject): boolean => {
  const { use, key_ops: operations } = key;
  if (use !== undefined && use !== "sig") return false;
  return operations === undefined || (Array.isArray(operations) && operations.includes("verify"));
};

const text = (object: JsonObject, name: string): string | undefined => {
  const value = object[name];
  return typeof value === "string" ? value : undefined;
};
