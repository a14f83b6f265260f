import { isJsonObject } from "#core/strictJson.ts";
import type { Json, JsonObject } from "#core/strictJson.ts";
import { badMetadata } from "#sigstore/tuf/badMetadata.ts";
import { readTufKey } from "#sigstore/tuf/tufKey.ts";
import type { TufKey } from "#sigstore/tuf/tufKey.ts";
import { readTufDocument } from "#sigstore/tuf/tufMetadata.ts";
import type { TufDocument, TufRole } from "#sigstore/tuf/tufMetadata.ts";

/** Who speaks for a role. */
export interface TufRoleRule {
  /** By id; undefined for a key that cannot be used. */
  readonly keys: ReadonlyMap<string, TufKey | undefined>;
  readonly threshold: number;
}

/** Root metadata: who speaks for each role. */
export interface TufRoot extends TufDocument {
  readonly roles: Readonly<Record<TufRole, TufRoleRule>>;
  /** Whether versions and hashes are parts of file names. */
  readonly consistentSnapshot: boolean;
}

const MAX_KEYS_OF_ROLE = 64;

/** Reads root metadata (TUF 1.0, section 4.3) without believing it. TRUST_INVALID. */
export const readTufRoot = (bytes: Uint8Array, what: string): TufRoot => {
  const document = readTufDocument(bytes, "root", what);
  const { signed } = document;
  const { keys, roles, consistent_snapshot: consistent } = signed;
  if (!isJsonObject(keys) || !isJsonObject(roles)) throw badMetadata(what, "names no keys and roles");
  const rule = (role: TufRole): TufRoleRule => readRule(roles[role], keys, `${what} names for the role ${role}`);
  return {
    ...document,
    roles: { root: rule("root"), timestamp: rule("timestamp"), snapshot: rule("snapshot"), targets: rule("targets") },
    consistentSnapshot: consistent === true,
  };
};

/** A threshold of nought, or one that a key meets twice, would let anybody in (CVE-2026-23992). */
const readRule = (value: Json | undefined, keys: JsonObject, what: string): TufRoleRule => {
  const { keyids, threshold } = isJsonObject(value) ? value : {};
  if (!Array.isArray(keyids) || keyids.length > MAX_KEYS_OF_ROLE) throw badMetadata(what, "no list of at most 64 keys");
  const ids = (keyids as readonly Json[]).filter((id) => typeof id === "string");
  if (ids.length !== keyids.length || new Set(ids).size !== ids.length) throw badMetadata(what, "a key twice");
  if (typeof threshold !== "number" || !Number.isSafeInteger(threshold) || threshold < 1)
    throw badMetadata(what, "no threshold of at least 1");
  if (threshold > ids.length) throw badMetadata(what, `${ids.length} keys, of which ${threshold} must sign`);
  return { threshold, keys: new Map(ids.map((id) => [id, readMember(keys, id)])) };
};

const readMember = (keys: JsonObject, id: string): TufKey | undefined => {
  const key = keys[id];
  return isJsonObject(key) ? readTufKey(key) : undefined;
};
