import { WaybillError } from "#core/errors.ts";
import { answerJson, answerText, routeExactly } from "#devsigstore/devRequest.ts";
import type { DevAnswer, DevRequest, DevService } from "#devsigstore/devRequest.ts";
import type { OidcIssuer } from "#devsigstore/oidcIssuer.ts";
import { TOKEN_SECONDS } from "#devsigstore/oidcIssuer.ts";
import { createSignIns } from "#devsigstore/signIns.ts";
import type { SignIns } from "#devsigstore/signIns.ts";
import type { IdentityWish } from "#devsigstore/wishedClaims.ts";

/**
 * OpenID Connect: discovery, keys, the authorization code flow with PKCE (RFC 7636) and, for scripts, `GET /token`, which
 * gives a token for any identity as plain text.
 */
export const oidcService = (issuer: OidcIssuer, now: () => number): DevService => {
  const signIns = createSignIns(now);
  return routeExactly({
    "GET /.well-known/openid-configuration": () => answerJson(describe(issuer.url)),
    "GET /keys": () => answerJson(issuer.keySet),
    "GET /token": ({ query }) => answerText(issuer.tokenFor(readWish(query))),
    "GET /auth": (request) => authorize(signIns, request),
    "POST /token": ({ body }) => exchange(issuer, signIns, new URLSearchParams(Buffer.from(body).toString("utf8"))),
  });
};

const describe = (url: string) => ({
  issuer: url,
  authorization_endpoint: `${url}/auth`,
  token_endpoint: `${url}/token`,
  jwks_uri: `${url}/keys`,
  response_types_supported: ["code"],
  subject_types_supported: ["public"],
  id_token_signing_alg_values_supported: ["ES256"],
  scopes_supported: ["openid", "email"],
  code_challenge_methods_supported: ["S256"],
  claims_supported: ["iss", "sub", "aud", "exp", "iat", "nonce", "email", "email_verified"],
});

const SHAPES = ["email", "subject", "repository"] as const;

/** The shape by its name, every other parameter as a claim. INPUT_INVALID. */
const readWish = (query: URLSearchParams): IdentityWish => {
  const claims: Record<string, string | boolean> = {};
  const shape: Partial<Record<(typeof SHAPES)[number], string>> = {};
  for (const [name, value] of query) {
    const known = SHAPES.find((one) => one === name);
    if (known !== undefined) shape[known] = value;
    else claims[name] = value === "true" || (value === "false" ? false : value);
  }
  return { ...shape, claims };
};

/** Asks who it is to be, then sends the browser back with a code. */
const authorize = (signIns: SignIns, { query }: DevRequest): DevAnswer => {
  const redirect = readRedirect(query.get("redirect_uri"));
  const email = query.get("email");
  if (email === null) return { status: 200, type: "text/html; charset=utf-8", body: form(query) };
  const challenge = query.get("code_challenge") ?? undefined;
  if (challenge !== undefined && query.get("code_challenge_method") !== "S256")
    throw bad("only S256 is taken for PKCE");
  const nonce = query.get("nonce") ?? undefined;
  redirect.searchParams.set(
    "code",
    signIns.open({ email, nonce, challenge, redirect: query.get("redirect_uri") ?? "" }),
  );
  redirect.searchParams.set("state", query.get("state") ?? "");
  return { status: 302, type: "text/plain", body: "", headers: { Location: redirect.href } };
};

/** Codes go to programs of this machine alone (RFC 8252 section 7.3). */
const readRedirect = (text: string | null): URL => {
  const url = URL.parse(text ?? "");
  if (url?.protocol === "http:" && ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname)) return url;
  throw bad("redirect_uri is not http on a loopback address");
};

const exchange = (issuer: OidcIssuer, signIns: SignIns, form_: URLSearchParams): DevAnswer => {
  if (form_.get("grant_type") !== "authorization_code") return refuse("unsupported_grant_type");
  const verifier = form_.get("code_verifier") ?? undefined;
  const signIn = signIns.take(form_.get("code") ?? "", verifier, form_.get("redirect_uri") ?? "");
  if (signIn === undefined) return refuse("invalid_grant");
  const token = issuer.tokenFor({ email: signIn.email }, signIn.nonce);
  const answer = { access_token: token, id_token: token, token_type: "Bearer", expires_in: TOKEN_SECONDS };
  return answerJson(answer, 200, { "Cache-Control": "no-store" });
};

/** RFC 6749 section 5.2. */
const refuse = (error: string): DevAnswer => answerJson({ error }, 400);

/** A page that keeps what the client asked for and adds an address. */
const form = (query: URLSearchParams): string => {
  const kept = [...query].map(
    ([name, value]) => `<input type="hidden" name="${escape(name)}" value="${escape(value)}">`,
  );
  return `<!doctype html><title>Local Sigstore</title><h1>Who do you want to be?</h1>
<p>This local Sigstore is for trying and testing: it believes anybody.</p>
<form>${kept.join("")}<input type="email" name="email" value="${escape(query.get("login_hint") ?? "")}" required autofocus>
<button>Sign in</button></form>\n`;
};

const escape = (text: string): string => text.replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`);

const bad = (why: string): WaybillError => new WaybillError("INPUT_INVALID", why);
