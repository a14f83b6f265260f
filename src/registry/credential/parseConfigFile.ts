import { WaybillError, hasCode } from "#core/errors.ts";
import { parseReference } from "#core/reference.ts";
import { isJsonObject, parseStrict } from "#core/strictJson.ts";
import type { Json, JsonObject } from "#core/strictJson.ts";
import type { CredentialPlace, FoundCredential } from "#registry/client/credentials.ts";
import { readAuthEntry } from "#registry/credential/readAuthEntry.ts";

/** A file that names credentials, as it was read. */
export interface ConfigFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** A program to ask, and the name under which it knows the registry. */
export interface HelperCall {
  /** NAME of `docker-credential-NAME`. */
  readonly helper: string;
  readonly server: string;
  /** For people: the file and its member. */
  readonly where: string;
}

/** What one file says. */
export interface ConfigCredentials {
  /** The `auths` of exactly this place: for a part of the registry, or for all of it. */
  readonly find: (place: CredentialPlace, part: "path" | "host") => FoundCredential | undefined;
  /** The helpers for this registry, in their order. */
  readonly helpersOf: (registry: string) => readonly HelperCall[];
}

interface Auth {
  readonly key: string;
  readonly registry: string;
  /** Of the repositories below; empty: all. */
  readonly path: string;
  readonly entry: Json | undefined;
}

const LIMITS = { maxBytes: 4 * 1024 * 1024, maxDepth: 32, maxValues: 100_000 };

/**
 * Reads docker's config.json, podman's auth.json, Kubernetes' .dockerconfigjson, or, by its name, a .dockercfg, which is the
 * `auths` alone. A host counts only for itself, port included (attack 47), and Docker Hub's many names are one. Throws
 * CONFIG_INVALID naming the path and quoting nothing.
 */
export const parseConfigFile = ({ path, bytes }: ConfigFile): ConfigCredentials => {
  const top = parseTop(bytes, path);
  const auths = readAuths(path.endsWith(".dockercfg") ? top : member(top, "auths", path));
  return {
    find: (place, part) => {
      for (const auth of auths) {
        if (auth.registry !== place.registry || (auth.path === "") !== (part === "host")) continue;
        if (!isWithin(place.repository, auth.path)) continue;
        const where = `${path}: auths[${JSON.stringify(auth.key.slice(0, 120))}]`;
        const credential = readAuthEntry(auth.entry, where);
        if (credential !== undefined) return { credential, from: where };
      }
      return undefined;
    },
    helpersOf: (registry) => readHelpers(top, registry, path),
  };
};

const parseTop = (bytes: Uint8Array, path: string): JsonObject => {
  let value: Json;
  try {
    value = parseStrict(bytes, path, LIMITS);
  } catch (error) {
    // The parser's words may quote the document, and with it a secret.
    throw invalid(path, hasCode(error, "LIMIT_EXCEEDED") ? "is larger than any such file" : "is not valid JSON");
  }
  if (!isJsonObject(value)) throw invalid(path, "is not a JSON object");
  return value;
};

const member = (top: JsonObject, name: string, path: string): JsonObject => {
  const value = top[name] ?? {};
  if (!isJsonObject(value)) throw invalid(path, `"${name}" is not an object`);
  return value;
};

/** The longest path first (containers-auth.json(5)), then the key that is the bare name before longer ways to say it. */
const readAuths = (auths: JsonObject): readonly Auth[] =>
  Object.entries(auths)
    .flatMap(([key, entry]) => {
      const place = placeOfKey(key);
      return place === undefined ? [] : [{ key, entry, ...place }];
    })
    .toSorted((a, b) => b.path.length - a.path.length || a.key.length - b.key.length);

/**
 * What a key of `auths` or `credHelpers` stands for: `host`, podman's `host/path`, docker's `https://host` with `/v1/` or
 * `/v2/`. Undefined for anything else.
 */
export const placeOfKey = (key: string): { readonly registry: string; readonly path: string } | undefined => {
  const [, scheme, host = "", path = ""] = /^(https?:\/\/)?([^/]+)(?:\/(.*))?$/s.exec(key) ?? [];
  const bare = /^(?:v[12]\/?)?$/.test(path);
  // With a scheme it is docker's own form, which knows no paths.
  if (scheme !== undefined && !bare) return undefined;
  // A reference takes a first part without dot and port for a part of a Docker Hub name.
  if (!(/[.:]/.test(host) || host.toLowerCase() === "localhost")) return undefined;
  try {
    // The one parser of references decides what a host is, which names are one, and what a path may be (attack 9).
    const reference = parseReference(`${host}/${bare ? "any/thing" : path.replace(/\/$/, "")}`);
    if (reference.kind !== "registry" || reference.tag !== undefined || reference.digest !== undefined)
      return undefined;
    return { registry: reference.registry, path: bare ? "" : path.replace(/\/$/, "") };
  } catch {
    return undefined;
  }
};

const isWithin = (repository: string | undefined, path: string): boolean =>
  path === "" || (repository !== undefined && `${repository}/`.startsWith(`${path}/`));

/** docker's order: the helper of the registry, else the one of all. */
const readHelpers = (top: JsonObject, registry: string, path: string): readonly HelperCall[] => {
  const own = Object.entries(member(top, "credHelpers", path)).find(([key]) => placeOfKey(key)?.registry === registry);
  const [name, helper] =
    own === undefined ? ["credsStore", top["credsStore"] ?? ""] : [`credHelpers[${JSON.stringify(own[0])}]`, own[1]];
  if (helper === "") return [];
  const where = `${path}: ${name}`;
  // A name that leads to another place would run any program.
  if (typeof helper !== "string" || !/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(helper))
    throw invalid(where, "is not the name of a credential helper");
  return [{ helper, server: serverName(registry), where }];
};

/** As docker calls a registry in its files and to its helpers. */
export const serverName = (registry: string): string =>
  registry === "docker.io" ? "https://index.docker.io/v1/" : registry;

const invalid = (where: string, what: string): WaybillError =>
  new WaybillError("CONFIG_INVALID", `${where} ${what}`, { hint: "Correct the file, or log in again." });
