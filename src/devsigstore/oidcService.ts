import { WaybillError } from "#core/errors.ts";
import { answerJson, answerText, routeExactly } from "#devsigstore/devRequest.ts";
import type { DevAnswer, DevRequest, DevService } from "#devsigstore/devRequest.ts";
import type { OidcIssuer } from "#devsigstore/oidcIssuer.ts";
import { TOKEN_SECONDS } from "#devsigstore/oidcIssuer.ts";
import { DEVICE_SECONDS, createDeviceGrants } from "#devsigstore/deviceGrants.ts";
import type { DeviceGrants } from "#devsigstore/deviceGrants.ts";
import { signInPage } from "#devsigstore/signInPage.ts";
import { createSignIns } from "#devsigstore/signIns.ts";
import type { SignIns } from "#devsigstore/signIns.ts";
import type { IdentityWish } from "#devsigstore/wishedClaims.ts";

/**
 * OpenID Connect: discovery, keys, the authorization code flow with PKCE (RFC 7636), the device flow (RFC 8628) and, for
 * scripts, `GET /token`, which gives a token for any identity as plain text.
 */
export const oidcService = (issuer: OidcIssuer, now: () => number): DevService => {
  const open: OpenGrants = { signIns: createSignIns(now), devices: createDeviceGrants(now) };
  return routeExactly({
    "GET /.well-known/openid-configuration": () => answerJson(describe(issuer.url)),
    "GET /keys": () => answerJson(issuer.keySet),
    "GET /token": ({ query }) => answerText(issuer.tokenFor(readWish(query))),
    "GET /auth": (request) => authorize(open.signIns, request),
    "POST /device/code": ({ body }) => answerJson(openDevice(issuer.url, open.devices, readForm(body))),
    "GET /device": (request) => approveDevice(open.devices, request),
    "POST /token": ({ body }) => exchange(issuer, open, readForm(body)),
  });
};

/** What was begun and is not finished. */
interface OpenGrants {
  readonly signIns: SignIns;
  readonly devices: DeviceGrants;
}

const readForm = (body: Uint8Array): URLSearchParams => new URLSearchParams(Buffer.from(body).toString("utf8"));

const describe = (url: string) => ({
  issuer: url,
  authorization_endpoint: `${url}/auth`,
  token_endpoint: `${url}/token`,
  device_authorization_endpoint: `${url}/device/code`,
  jwks_uri: `${url}/keys`,
  response_types_supported: ["code"],
  subject_types_supported: ["public"],
  id_token_signing_alg_values_supported: ["ES256"],
  scopes_supported: ["openid", "email"],
  code_challenge_methods_supported: ["S256"],
  claims_supported: ["iss", "sub", "aud", "exp", "iat", "nonce", "email", "email_verified"],
});

const HTML = "text/html; charset=utf-8";

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
  if (email === null) return answerText(signInPage(query), HTML);
  const challenge = readChallenge(query);
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

const readChallenge = (query: URLSearchParams): string | undefined => {
  const challenge = query.get("code_challenge") ?? undefined;
  if (challenge === undefined || query.get("code_challenge_method") === "S256") return challenge;
  throw bad("only S256 is taken for PKCE");
};

/** RFC 8628 section 3.2. */
const openDevice = (url: string, devices: DeviceGrants, form: URLSearchParams) => {
  const { deviceCode, userCode } = devices.open(readChallenge(form));
  return {
    device_code: deviceCode,
    user_code: userCode,
    verification_uri: `${url}/device`,
    verification_uri_complete: `${url}/device?user_code=${userCode}`,
    expires_in: DEVICE_SECONDS,
    interval: 1,
  };
};

const approveDevice = (devices: DeviceGrants, { query }: DevRequest): DevAnswer => {
  const [code, email] = [query.get("user_code"), query.get("email")];
  if (code === null || email === null) return answerText(signInPage(query), HTML);
  if (!devices.approve(code, email)) throw bad("nobody waits with this code, or no longer");
  return answerText(`Signed in as ${email}. The program goes on by itself.\n`);
};

const exchange = (issuer: OidcIssuer, { signIns, devices }: OpenGrants, form: URLSearchParams): DevAnswer => {
  const verifier = form.get("code_verifier") ?? undefined;
  if (form.get("grant_type") === "urn:ietf:params:oauth:grant-type:device_code") {
    const found = devices.take(form.get("device_code") ?? "", verifier);
    if (found === "pending") return refuse("authorization_pending");
    return found === undefined ? refuse("expired_token") : grant(issuer.tokenFor({ email: found.email }));
  }
  if (form.get("grant_type") !== "authorization_code") return refuse("unsupported_grant_type");
  const signIn = signIns.take(form.get("code") ?? "", verifier, form.get("redirect_uri") ?? "");
  if (signIn === undefined) return refuse("invalid_grant");
  return grant(issuer.tokenFor({ email: signIn.email }, signIn.nonce));
};

const grant = (token: string): DevAnswer =>
  answerJson({ access_token: token, id_token: token, token_type: "Bearer", expires_in: TOKEN_SECONDS });

/** RFC 6749 section 5.2. */
const refuse = (error: string): DevAnswer => answerJson({ error }, 400);

const bad = (why: string): WaybillError => new WaybillError("INPUT_INVALID", why);
