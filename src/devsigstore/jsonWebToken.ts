import { decodeAnyBase64 } from "#claims/base64.ts";
import { WaybillError } from "#core/errors.ts";
import { isJsonObject, parseStrict } from "#core/strictJson.ts";
import type { JsonObject } from "#core/strictJson.ts";
import { checkSignature } from "#trust/checkSignature.ts";
import { readEcdsa } from "#trust/ecdsaSignature.ts";
import type { DevKey } from "#devsigstore/devKey.ts";

const LIMITS = { maxBytes: 16 * 1024, maxDepth: 4, maxValues: 200 };

/** A signed JSON Web Token (RFC 7519, ES256 of RFC 7518 section 3.4); the key must be P-256. */
export const writeToken = (claims: Readonly<Record<string, unknown>>, key: DevKey, keyId: string): string => {
  const parts = [{ alg: "ES256", kid: keyId, typ: "JWT" }, claims];
  const signed = parts.map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  // RFC 7518 section 3.4 wants r and s side by side.
  const raw = readEcdsa("ecdsa-p256", key.sign(Buffer.from(signed))) ?? new Uint8Array();
  return `${signed}.${Buffer.from(raw).toString("base64url")}`;
};

/** What must be so about a token. Times are seconds since 1970. */
export interface TokenDemand {
  readonly key: DevKey;
  readonly issuer: string;
  readonly audience: string;
  readonly now: number;
}

/** The claims of a token whose signature, issuer, audience and time are right; TOKEN_INVALID for any other. */
export const readToken = (token: string, { key, issuer, audience, now }: TokenDemand): JsonObject => {
  const [head = "", body = "", signature = "", ...more] = token.split(".");
  const header = readPart(head);
  // Whoever lets the token choose takes `none` and an HMAC with the public key (RFC 8725 section 2.1).
  if (more.length > 0 || header["alg"] !== "ES256") throw refused("is no JWT of ES256");
  const raw = decodeAnyBase64(signature);
  const isOurs = raw?.byteLength === 64 && checkSignature(key.publicKey, Buffer.from(`${head}.${body}`), raw);
  if (!isOurs) throw refused("is not signed by this issuer's key");
  const claims = readPart(body);
  const { iss, aud, exp, nbf } = claims;
  if (iss !== issuer) throw refused(`is not of the issuer ${issuer}`);
  if (aud !== audience && !(Array.isArray(aud) && aud.includes(audience))) throw refused(`is not for ${audience}`);
  if (typeof exp !== "number" || exp <= now) throw refused("has expired");
  if (typeof nbf === "number" && nbf > now) throw refused("is not valid yet");
  return claims;
};

const readPart = (part: string): JsonObject => {
  const bytes = decodeAnyBase64(part);
  const value = bytes === undefined ? undefined : parseStrict(bytes, "the token", LIMITS);
  if (!isJsonObject(value)) throw refused("is no JWT");
  return value;
};

const refused = (why: string): WaybillError =>
  new WaybillError("TOKEN_INVALID", `the identity token ${why}`, { hint: "Ask the local issuer for a new one." });
