import { createHash } from "node:crypto";
import { canonicalJson } from "#core/canonicalJson.ts";
import { WaybillError } from "#core/errors.ts";
import type { JsonObject } from "#core/strictJson.ts";
import type { TufKey } from "#devsigstore/tufKey.ts";

export type TufRole = "root" | "timestamp" | "snapshot" | "targets";

/** Who speaks for a role; `threshold` of them must sign, 1 where nothing is said. */
export interface TufRoleKeys {
  readonly keys: readonly TufKey[];
  readonly threshold?: number;
}

/** One version of the root: it is signed by its own root keys and those of the version before. */
export interface TufRootPlan {
  readonly roles: Readonly<Record<TufRole, TufRoleKeys>>;
  readonly expires: Date;
}

export interface TufRepositoryPlan {
  /** Versions 1, 2, ... of the root; the last one's keys sign the other roles. */
  readonly roots: readonly TufRootPlan[];
  /** By name, such as `trusted_root.json`. */
  readonly targets: ReadonlyMap<string, Uint8Array>;
  readonly versions: Readonly<Record<Exclude<TufRole, "root">, number>>;
  readonly expires: Readonly<Record<Exclude<TufRole, "root">, Date>>;
  /** Whether versions and hashes are parts of file names, as on every mirror of Sigstore; true where nothing is said. */
  readonly consistentSnapshot?: boolean;
}

/** The files of a TUF repository by their path on a mirror (TUF specification 1.0, sections 3 and 4). */
export const buildTufRepository = (plan: TufRepositoryPlan): ReadonlyMap<string, Uint8Array> => {
  const last = plan.roots.at(-1);
  if (last === undefined) throw new WaybillError("USAGE_INVALID", "a TUF repository has at least one root");
  const consistent = plan.consistentSnapshot !== false;
  const described = Object.fromEntries([...plan.targets].map(([name, bytes]) => [name, describeFile(bytes)]));
  const targets = signRole(plan, last, "targets", { targets: described });
  const snapshot = signRole(plan, last, "snapshot", {
    meta: { "targets.json": { version: plan.versions.targets, ...describeFile(targets) } },
  });
  const timestamp = signRole(plan, last, "timestamp", {
    meta: { "snapshot.json": { version: plan.versions.snapshot, ...describeFile(snapshot) } },
  });
  const versioned = (role: "snapshot" | "targets"): string =>
    consistent ? `${plan.versions[role]}.${role}.json` : `${role}.json`;
  return new Map([
    ...signRoots(plan.roots, consistent),
    ["timestamp.json", timestamp],
    [versioned("snapshot"), snapshot],
    [versioned("targets"), targets],
    ...[...plan.targets].map(([name, bytes]) => [targetPath(name, bytes, consistent), bytes] as const),
  ]);
};

/** Metadata with the signatures of `keys`, as it lies on a mirror. */
const signTufMetadata = (signed: JsonObject, keys: readonly TufKey[]): Uint8Array => {
  const bytes = canonicalJson(signed);
  const signatures = keys.map((key) => ({ keyid: key.id, sig: Buffer.from(key.sign(bytes)).toString("hex") }));
  return Buffer.from(JSON.stringify({ signatures, signed }, undefined, 1));
};

const signRole = (
  plan: TufRepositoryPlan,
  root: TufRootPlan,
  role: Exclude<TufRole, "root">,
  content: JsonObject,
): Uint8Array =>
  signTufMetadata({ ...heading(role, plan.versions[role], plan.expires[role]), ...content }, root.roles[role].keys);

const signRoots = (roots: readonly TufRootPlan[], consistent: boolean): readonly (readonly [string, Uint8Array])[] =>
  roots.map((root, at) => {
    const before = roots[at - 1]?.roles.root.keys ?? [];
    const signers = new Map([...before, ...root.roles.root.keys].map((key) => [key.id, key]));
    const signed = { ...describeRoot(root, at + 1), consistent_snapshot: consistent };
    return [`${at + 1}.root.json`, signTufMetadata(signed, [...signers.values()])];
  });

const describeRoot = (root: TufRootPlan, version: number): JsonObject => {
  const roles = Object.entries(root.roles);
  const keys = roles.flatMap(([, role]) => role.keys.map((key) => [key.id, key.metadata] as const));
  return {
    ...heading("root", version, root.expires),
    keys: Object.fromEntries(keys),
    roles: Object.fromEntries(
      roles.map(([name, role]) => [name, { keyids: role.keys.map((key) => key.id), threshold: role.threshold ?? 1 }]),
    ),
  };
};

const heading = (role: TufRole, version: number, expires: Date): JsonObject => ({
  _type: role,
  spec_version: "1.0.31",
  version,
  // The specification knows no fraction of a second.
  expires: `${expires.toISOString().slice(0, 19)}Z`,
});

const describeFile = (bytes: Uint8Array): JsonObject => ({
  length: bytes.byteLength,
  hashes: { sha256: sha256(bytes) },
});

const targetPath = (name: string, bytes: Uint8Array, consistent: boolean): string => {
  const slash = name.lastIndexOf("/") + 1;
  return consistent ? `targets/${name.slice(0, slash)}${sha256(bytes)}.${name.slice(slash)}` : `targets/${name}`;
};

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
