import type { Ctx } from "#core/ctx.ts";
import { WaybillError, hasCode } from "#core/errors.ts";
import { isJsonObject, parseStrict } from "#core/strictJson.ts";
import { remoteText } from "#net/remoteText.ts";
import type { HttpAnswer, HttpRequest, Send } from "#net/send.ts";
import { answerError } from "#registry/client/answerError.ts";
import type { Challenge } from "#registry/client/challenge.ts";
import type { Credential } from "#registry/client/credentials.ts";

export interface AccessToken {
  readonly token: string;
  /** Milliseconds since the epoch, by our own clock. */
  readonly usableUntil: number;
  /** What is to be spent the next time, where the service replaced it. */
  readonly refreshToken?: string;
}

/** What a token is asked for: distribution's "Token Authentication Specification". */
export interface TokenRequest {
  readonly challenge: Challenge;
  /** `repository:NAME:ACTIONS`, several apart by blanks; empty: none, for the registry's own door. */
  readonly scope: string;
  /** The registry that sent the challenge. */
  readonly origin: URL;
  readonly credential: Exclude<Credential, { kind: "bearer" }> | undefined;
}

const MAX_TOKEN_BYTES = 256 * 1024;
const LIMITS = { maxBytes: MAX_TOKEN_BYTES, maxDepth: 16, maxValues: 1000 };
// The specification's default where the answer does not say.
const DEFAULT_SECONDS = 60;
const MAX_SECONDS = 24 * 3600;
// A token must outlive the request that it is sent with, or at least the way there.
const MARGIN = 0.8;
const TOKEN = /^[\x21-\x7e]{1,65536}$/;

/** Gets an access token from the realm that a registry's challenge names. AUTH_REQUIRED when it refuses the credentials. */
export const fetchAccessToken = async (send: Send, ctx: Ctx, wanted: TokenRequest): Promise<AccessToken> => {
  const realm = checkRealm(wanted);
  const asked = ctx.clock.now();
  const answer = await send(ctx, wanted.credential?.kind === "refresh" ? byPost(realm, wanted) : byGet(realm, wanted));
  if (answer.status !== 200) throw refusal(answer, wanted);
  return readToken(answer, asked);
};

/** Attack 47: whoever answers as registry chooses the realm. It is https, or the very host that is itself plain http. */
const checkRealm = ({ challenge, origin }: TokenRequest): URL => {
  const text = challenge.parameters.get("realm") ?? "";
  const realm = URL.parse(text, origin.href);
  const isWeb = realm?.protocol === "https:" || realm?.protocol === "http:";
  if (text === "" || realm === null || !isWeb || realm.username !== "" || realm.password !== "")
    throw new WaybillError(
      "REGISTRY_PROTOCOL",
      `${origin.host} names no usable place to get a token: ${remoteText(text)}`,
    );
  if (realm.protocol === "https:" || realm.origin === origin.origin) return realm;
  throw new WaybillError("AUTH_INSECURE", `${origin.host} wants a token from ${realm.host} over plain http`, {
    hint: "A registry's token service must be reached over https.",
  });
};

const byGet = (realm: URL, wanted: TokenRequest): HttpRequest => {
  const url = new URL(realm);
  for (const [name, value] of questions(wanted)) url.searchParams.append(name, value);
  const headers =
    wanted.credential?.kind === "password" ? { authorization: basicAuthorization(wanted.credential) } : {};
  return { method: "GET", url, headers, maxBytes: MAX_TOKEN_BYTES };
};

/** A refresh token is spent as OAuth 2.0 has it (RFC 6749 section 6; distribution's "OAuth2 Token Authentication"). */
const byPost = (realm: URL, wanted: TokenRequest): HttpRequest => {
  const form = new URLSearchParams({ grant_type: "refresh_token", client_id: "waybill", access_type: "offline" });
  if (wanted.credential?.kind === "refresh") form.set("refresh_token", wanted.credential.token);
  const scopes = questions(wanted).filter(([name]) => name === "scope");
  form.set("service", wanted.challenge.parameters.get("service") ?? "");
  if (scopes.length > 0) form.set("scope", scopes.map(([, scope]) => scope).join(" "));
  return {
    method: "POST",
    url: realm,
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: Buffer.from(form.toString()),
    maxBytes: MAX_TOKEN_BYTES,
  };
};

const questions = ({ challenge, scope }: TokenRequest): readonly (readonly [string, string])[] => {
  const service = challenge.parameters.get("service");
  const scopes = scope.split(" ").filter((one) => one !== "");
  return [
    ...(service === undefined ? [] : [["service", service] as const]),
    ...scopes.map((one) => ["scope", one] as const),
  ];
};

/** The value of an Authorization header (RFC 7617, UTF-8). */
export const basicAuthorization = ({
  username,
  password,
}: {
  readonly username: string;
  readonly password: string;
}): string => `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;

const refusal = (answer: HttpAnswer, wanted: TokenRequest): WaybillError => {
  const error = answerError(answer, wanted.credential?.kind === "refresh" ? "POST" : "GET");
  const refused = hasCode(error, "AUTH_REQUIRED", "AUTH_DENIED", "REGISTRY_REFUSED") && wanted.credential !== undefined;
  if (!refused) return error;
  return new WaybillError("AUTH_REQUIRED", `${wanted.origin.host} refuses the credentials: ${error.message}`, {
    cause: error,
  });
};

const readToken = (answer: HttpAnswer, asked: number): AccessToken => {
  const value = parseAnswer(answer);
  // Docker's specification says token, OAuth 2.0 access_token; services give one of them or both.
  const token = value["token"] ?? value["access_token"];
  if (typeof token !== "string" || !TOKEN.test(token)) throw unusable(answer);
  const said = value["expires_in"];
  const seconds = typeof said === "number" && said > 0 ? Math.min(said, MAX_SECONDS) : DEFAULT_SECONDS;
  const refreshed = value["refresh_token"];
  return {
    token,
    usableUntil: asked + seconds * 1000 * MARGIN,
    ...(typeof refreshed === "string" && TOKEN.test(refreshed) ? { refreshToken: refreshed } : {}),
  };
};

const parseAnswer = (answer: HttpAnswer): Readonly<Record<string, unknown>> => {
  try {
    const value = parseStrict(answer.bytes, "token", LIMITS);
    if (isJsonObject(value)) return value;
  } catch {
    // The parser's words may quote the token.
  }
  throw unusable(answer);
};

const unusable = (answer: HttpAnswer): WaybillError =>
  new WaybillError("REGISTRY_PROTOCOL", `${answer.url.host} answers a request for a token with something else`);
