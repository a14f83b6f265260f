import { isJsonObject, parseStrict } from "#core/strictJson.ts";
import type { Json } from "#core/strictJson.ts";
import { readIntegrity } from "#sbom/npm/readIntegrity.ts";
import { publicUrl } from "#sbom/publicUrl.ts";

/** What npm remembers of one package that it installed. */
export interface LockEntry {
  readonly version: string;
  /** SHA-512 of the package's archive, in hex. */
  readonly sha512: string | undefined;
  /** Where the archive came from, without credentials and query. */
  readonly resolved: string | undefined;
  readonly dev: boolean;
  readonly dependencies: readonly string[];
}

const LIMITS = { maxBytes: 64 * 1024 * 1024, maxDepth: 32, maxValues: 2_000_000 };

/**
 * Reads node_modules/.package-lock.json (npm 7 and later): the entries by their path, relative to the directory that
 * holds node_modules. Throws INPUT_INVALID or LIMIT_EXCEEDED.
 */
export const readHiddenLock = (bytes: Uint8Array): ReadonlyMap<string, LockEntry> => {
  const document = parseStrict(bytes, "npm lock file", LIMITS);
  const packages = isJsonObject(document) ? document["packages"] : undefined;
  const entries = new Map<string, LockEntry>();
  if (!isJsonObject(packages)) return entries;
  for (const [path, value] of Object.entries(packages)) {
    const entry = readEntry(value);
    if (entry !== undefined) entries.set(path, entry);
  }
  return entries;
};

const readEntry = (value: Json): LockEntry | undefined => {
  if (!isJsonObject(value) || typeof value["version"] !== "string") return undefined;
  const fields = ["dependencies", "optionalDependencies", "peerDependencies"].map((key) => value[key]);
  return {
    version: value["version"],
    sha512: readIntegrity(value["integrity"]),
    resolved: publicUrl(value["resolved"]),
    dev: value["dev"] === true,
    dependencies: fields.flatMap((field) => (isJsonObject(field) ? Object.keys(field) : [])),
  };
};
