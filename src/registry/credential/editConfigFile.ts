import { WaybillError } from "#core/errors.ts";
import { parseConfigFile, placeOfKey, serverName } from "#registry/credential/parseConfigFile.ts";
import type { ConfigFile } from "#registry/credential/parseConfigFile.ts";

/** `undefined` takes the registry out. Empty: a helper knows it. */
export type AuthEntry = { readonly auth?: string } | undefined;

/**
 * The text of a file with another entry for one registry, and everything else in it as it was; undefined where there was
 * nothing to take out. All keys that stand for the registry as a whole go, since one of them might be read before the new
 * one; entries for parts of it stay. CONFIG_INVALID where the file is not understood: it would be lost.
 */
export const editConfigFile = (file: ConfigFile, registry: string, entry: AuthEntry): string | undefined => {
  if (file.path.endsWith(".dockercfg"))
    throw new WaybillError("CONFIG_INVALID", `${file.path} is of a form that is read only`, {
      hint: "Name another file with --registry-config.",
    });
  // What is not understood here must not be overwritten.
  parseConfigFile(file);
  const config = JSON.parse(Buffer.from(file.bytes).toString()) as { readonly auths?: Record<string, unknown> };
  const before = Object.entries(config.auths ?? {});
  const kept = before.filter(([key]) => !standsFor(key, registry));
  if (entry === undefined && kept.length === before.length) return undefined;
  const auths = Object.fromEntries([...kept, ...(entry === undefined ? [] : [[serverName(registry), entry] as const])]);
  // As docker writes it.
  return `${JSON.stringify({ ...config, auths }, null, "\t")}\n`;
};

/** The value of `auth` (RFC 7617's user-id and password). */
export const authOf = (pair: { readonly username: string; readonly password: string }): string =>
  Buffer.from(`${pair.username}:${pair.password}`).toString("base64");

const standsFor = (key: string, registry: string): boolean => {
  const place = placeOfKey(key);
  return place !== undefined && place.registry === registry && place.path === "";
};
