import { WaybillError } from "#core/errors.ts";
import { parseReference } from "#core/reference.ts";
import { isJsonObject, parseStrict } from "#core/strictJson.ts";
import type { Json, JsonObject } from "#core/strictJson.ts";

/** What opens a registry: a password, a token that buys access tokens (docker's identitytoken), or an access token. */
export type Credential =
  | { readonly kind: "password"; readonly username: string; readonly password: string }
  | { readonly kind: "refresh"; readonly token: string }
  | { readonly kind: "bearer"; readonly token: string };

/** Asks for the credential of exactly this registry, by its canonical name (`docker.io`, `host`, `host:port`). */
export type CredentialSource = (registry: string) => Promise<Credential | undefined>;

/**
 * Refuses a credential that cannot be sent: CONFIG_INVALID naming the registry, never the secret. A token stands in a header
 * as it is (RFC 6750 section 2.1: visible ASCII); user and password have no control characters (RFC 7617 section 2).
 */
export const checkCredential = (credential: Credential, registry: string): void => {
  if (credential.kind === "password") {
    if (CONTROL.test(credential.username)) throw unsendable(registry, "user name", "a control character");
    if (CONTROL.test(credential.password)) throw unsendable(registry, "password", "a control character");
  } else if (!/^[\x21-\x7e]*$/.test(credential.token)) {
    throw unsendable(registry, "token", "a blank, a control or another character that no token has");
  }
};

// oxlint-disable-next-line no-control-regex -- RFC 7617 section 2 names exactly these
const CONTROL = /[\x00-\x1f\x7f]/;

const unsendable = (registry: string, part: string, what: string): WaybillError =>
  new WaybillError("CONFIG_INVALID", `the ${part} for ${registry} holds ${what}`, {
    hint: "It is often a line break at the end that came from a file or a variable; give it without.",
  });

const LIMITS = { maxBytes: 4 * 1024 * 1024, maxDepth: 32, maxValues: 100_000 };
// What `docker login` makes of a token of an identity provider: a user of this name.
const TOKEN_USER = "<token>";

/**
 * Reads the `auths` of docker's config.json. Keys are `host`, `https://host`, or these with `/v1/` or `/v2/`; a host counts
 * only for itself, port included (attack 47), and Docker Hub's many names are one. Throws CONFIG_INVALID, naming `path`.
 */
export const parseDockerConfig = (bytes: Uint8Array, path: string): CredentialSource => {
  const auths = Object.entries(readAuths(bytes, path)).map(([key, entry]) => ({
    key,
    entry,
    registry: registryOf(key),
  }));
  // A key that is the bare name goes before keys that are longer ways to say it.
  const ordered = auths.toSorted((a, b) => a.key.length - b.key.length);
  return async (registry) => {
    for (const { key, entry } of ordered.filter((auth) => auth.registry === registry)) {
      const credential = readEntry(entry, `${path}: auths[${JSON.stringify(key.slice(0, 120))}]`);
      if (credential !== undefined) return credential;
    }
    return undefined;
  };
};

const readAuths = (bytes: Uint8Array, path: string): JsonObject => {
  const value = parseConfig(bytes, path);
  if (!isJsonObject(value)) throw invalid(path, "is not a JSON object");
  const auths = value["auths"] ?? {};
  if (!isJsonObject(auths)) throw invalid(path, '"auths" is not an object');
  return auths;
};

const parseConfig = (bytes: Uint8Array, path: string): Json => {
  try {
    return parseStrict(bytes, path, LIMITS);
  } catch {
    // The parser's words may quote the document, and with it a secret.
    throw invalid(path, "is not valid JSON");
  }
};

const registryOf = (key: string): string | undefined => {
  const host = /^(?:https?:\/\/)?([^/]+)(?:\/(?:v[12]\/?)?)?$/.exec(key)?.[1];
  // A reference takes a first part without dot and port for a part of a Docker Hub name.
  if (host === undefined || !(/[.:]/.test(host) || host.toLowerCase() === "localhost")) return undefined;
  try {
    // The one parser of references decides what a host is and which names are one (attack 9).
    const reference = parseReference(`${host}/any/thing`);
    return reference.kind === "registry" ? reference.registry : undefined;
  } catch {
    return undefined;
  }
};

const readEntry = (entry: Json | undefined, where: string): Credential | undefined => {
  if (!isJsonObject(entry)) throw invalid(where, "is not an object");
  const identity = text(entry, "identitytoken");
  if (identity !== "") return { kind: "refresh", token: identity };
  const access = text(entry, "registrytoken");
  if (access !== "") return { kind: "bearer", token: access };
  const pair = readPair(entry, where);
  if (pair.username === TOKEN_USER && pair.password !== "") return { kind: "refresh", token: pair.password };
  // An entry without content only says that a credential helper knows it.
  return pair.username === "" && pair.password === "" ? undefined : { kind: "password", ...pair };
};

const readPair = (entry: JsonObject, where: string): { readonly username: string; readonly password: string } => {
  const auth = text(entry, "auth");
  if (auth === "") return { username: text(entry, "username"), password: text(entry, "password") };
  const decoded = Buffer.from(auth, "base64").toString();
  const colon = decoded.indexOf(":");
  if (colon === -1) throw invalid(where, '"auth" is not the base64 of USER:PASSWORD');
  // docker's own reader drops the padding that old versions wrote.
  return { username: decoded.slice(0, colon), password: decoded.slice(colon + 1).replace(/\0+$/, "") };
};

const text = (object: JsonObject, name: string): string => {
  const value = object[name];
  return typeof value === "string" ? value : "";
};

const invalid = (where: string, what: string): WaybillError =>
  new WaybillError("CONFIG_INVALID", `${where} ${what}`, { hint: "Correct the file, or log in again." });
