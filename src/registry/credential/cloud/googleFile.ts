import { createPrivateKey, sign } from "node:crypto";
import type { KeyObject } from "node:crypto";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import { isJsonObject, parseStrict } from "#core/strictJson.ts";
import type { Json, JsonObject } from "#core/strictJson.ts";
import {
  MAX_ANSWER_BYTES,
  askCloud,
  formRequest,
  getRequest,
  parseObject,
  textOf,
} from "#registry/credential/cloud/askCloud.ts";
import type { CloudDeps } from "#registry/credential/cloud/cloud.ts";
import { cloudUrl } from "#registry/credential/cloud/cloudUrl.ts";
import { readAccessToken } from "#registry/credential/cloud/googleToken.ts";
import type { GoogleToken } from "#registry/credential/cloud/googleToken.ts";

const SCOPE = "https://www.googleapis.com/auth/cloud-platform";
const LIMITS = { maxBytes: 256 * 1024, maxDepth: 16, maxValues: 1000 };
const JWT_SECONDS = 3600;

/** An access token for the identity of the file that GOOGLE_APPLICATION_CREDENTIALS names. CONFIG_INVALID naming the file. */
export const tokenOfGoogleFile = async (deps: CloudDeps, ctx: Ctx, path: string): Promise<GoogleToken> => {
  const file = parseFile(await deps.readFile(ctx, path), path);
  const type = file["type"];
  if (type === "service_account") return ofServiceAccount(deps, ctx, file, path);
  if (type === "authorized_user") return ofUser(deps, ctx, file, path);
  if (type === "external_account") return ofExternalAccount(deps, ctx, file, path);
  throw invalid(path, "is none of service_account, authorized_user, external_account");
};

/** A JWT signed with the account's key (RFC 7523), as Google's "Using OAuth 2.0 for Server to Server Applications" has it. */
const ofServiceAccount = async (deps: CloudDeps, ctx: Ctx, file: JsonObject, path: string): Promise<GoogleToken> => {
  const email = member(file, "client_email", path);
  const who = `Google (${email})`;
  const url = googleUrl(optional(file, "token_uri") ?? "https://oauth2.googleapis.com/token", path);
  const now = Math.floor(ctx.clock.now() / 1000);
  const claims = { iss: email, scope: SCOPE, aud: url.href, iat: now, exp: now + JWT_SECONDS };
  const keyId = optional(file, "private_key_id");
  const header = { alg: "RS256", typ: "JWT", ...(keyId === undefined ? {} : { kid: keyId }) };
  const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  const signature = sign("sha256", Buffer.from(text), readKey(member(file, "private_key", path), path));
  const assertion = `${text}.${signature.toString("base64url")}`;
  const form = { grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion };
  return readAccessToken(await askCloud(deps.send, ctx, who, formRequest(url, form)), ctx, who);
};

const ofUser = async (deps: CloudDeps, ctx: Ctx, file: JsonObject, path: string): Promise<GoogleToken> => {
  const who = `Google (user of ${path})`;
  const form = {
    grant_type: "refresh_token",
    client_id: member(file, "client_id", path),
    client_secret: member(file, "client_secret", path),
    refresh_token: member(file, "refresh_token", path),
  };
  const url = new URL("https://oauth2.googleapis.com/token");
  return readAccessToken(await askCloud(deps.send, ctx, who, formRequest(url, form)), ctx, who);
};

/** Workload identity federation: a foreign token is exchanged (RFC 8693), and then perhaps an account impersonated. */
const ofExternalAccount = async (deps: CloudDeps, ctx: Ctx, file: JsonObject, path: string): Promise<GoogleToken> => {
  const who = `Google (workload identity of ${path})`;
  const form = {
    grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
    audience: member(file, "audience", path),
    scope: SCOPE,
    requested_token_type: "urn:ietf:params:oauth:token-type:access_token",
    subject_token_type: member(file, "subject_token_type", path),
    subject_token: await subjectToken(deps, ctx, file["credential_source"], path),
  };
  const url = googleUrl(member(file, "token_url", path), path);
  const exchanged = readAccessToken(await askCloud(deps.send, ctx, who, formRequest(url, form)), ctx, who);
  const account = optional(file, "service_account_impersonation_url");
  return account === undefined ? exchanged : impersonate(deps, ctx, googleUrl(account, path), exchanged);
};

const impersonate = async (deps: CloudDeps, ctx: Ctx, url: URL, exchanged: GoogleToken): Promise<GoogleToken> => {
  const who = exchanged.of.replace(/\)$/, ", as a service account)");
  const answer = await askCloud(deps.send, ctx, who, {
    method: "POST",
    url,
    headers: { "content-type": "application/json", authorization: `Bearer ${exchanged.token}` },
    body: Buffer.from(JSON.stringify({ scope: [SCOPE] })),
    maxBytes: MAX_ANSWER_BYTES,
  });
  const object = parseObject(answer, who);
  const until = Date.parse(textOf(object, "expireTime", who));
  return {
    token: textOf(object, "accessToken", who),
    usableUntil: Number.isNaN(until) ? ctx.clock.now() : until,
    of: who,
  };
};

const subjectToken = async (deps: CloudDeps, ctx: Ctx, source: Json | undefined, path: string): Promise<string> => {
  if (!isJsonObject(source)) throw invalid(path, "has no credential_source");
  const [file, url] = [optional(source, "file"), optional(source, "url")];
  if (file === undefined && url === undefined)
    throw invalid(path, "has a credential_source that is neither a file nor a url");
  const bytes =
    file === undefined
      ? await askCloud(deps.sendToMachine, ctx, `Google (credential_source of ${path})`, {
          ...getRequest(cloudUrl(url ?? "", `${path}: credential_source.url`), headersOf(source["headers"])),
        })
      : await deps.readFile(ctx, file);
  const format = source["format"];
  if (!isJsonObject(format) || format["type"] !== "json") return Buffer.from(bytes).toString().trim();
  return member(parseFile(bytes, file ?? path), member(format, "subject_token_field_name", path), path);
};

const headersOf = (headers: Json | undefined): Readonly<Record<string, string>> =>
  isJsonObject(headers)
    ? Object.fromEntries(
        Object.entries(headers).flatMap(([name, value]) =>
          typeof value === "string" ? [[name.toLowerCase(), value] as const] : [],
        ),
      )
    : {};

/** A file that came with a checkout must not choose who is sent the tokens. */
const googleUrl = (text: string, path: string): URL => {
  const url = URL.parse(text);
  if (url?.protocol === "https:" && /^(?:[a-z0-9-]+\.)+googleapis\.com$/.test(url.host)) return url;
  throw invalid(path, "names a token service that is not Google's");
};

const readKey = (pem: string, path: string): KeyObject => {
  try {
    return createPrivateKey(pem);
  } catch {
    throw invalid(path, "has a private_key that is none");
  }
};

const parseFile = (bytes: Uint8Array, path: string): JsonObject => {
  try {
    const value = parseStrict(bytes, path, LIMITS);
    if (isJsonObject(value)) return value;
  } catch {
    // The parser's words may quote the key.
  }
  throw invalid(path, "is not a JSON object");
};

const optional = (object: JsonObject, name: string): string | undefined => {
  const value = object[name];
  return typeof value === "string" && value !== "" ? value : undefined;
};

const member = (object: JsonObject, name: string, path: string): string => {
  const value = optional(object, name);
  if (value === undefined) throw invalid(path, `has no ${name}`);
  return value;
};

const invalid = (path: string, what: string): WaybillError =>
  new WaybillError("CONFIG_INVALID", `${path} (GOOGLE_APPLICATION_CREDENTIALS) ${what}`);
