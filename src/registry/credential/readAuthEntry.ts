import { WaybillError } from "#core/errors.ts";
import { isJsonObject } from "#core/strictJson.ts";
import type { Json, JsonObject } from "#core/strictJson.ts";
import type { Credential } from "#registry/client/credentials.ts";

// What `docker login` and helpers make of a token of an identity provider: a user of this name.
const TOKEN_USER = "<token>";

/** An entry of `auths`; undefined where it only says that a helper knows more. CONFIG_INVALID naming `where`. */
export const readAuthEntry = (entry: Json | undefined, where: string): Credential | undefined => {
  if (!isJsonObject(entry)) throw invalid(where, "is not an object");
  const identity = text(entry, "identitytoken");
  if (identity !== "") return { kind: "refresh", token: identity };
  const access = text(entry, "registrytoken");
  if (access !== "") return { kind: "bearer", token: access };
  return credentialOf(readPair(entry, where));
};

export interface UserAndSecret {
  readonly username: string;
  readonly password: string;
}

/** User and password, or the identity token that stands in their place; undefined where both are empty. */
export const credentialOf = ({ username, password }: UserAndSecret): Credential | undefined => {
  if (username === "" && password === "") return undefined;
  return username === TOKEN_USER && password !== ""
    ? { kind: "refresh", token: password }
    : { kind: "password", username, password };
};

const readPair = (entry: JsonObject, where: string): UserAndSecret => {
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
