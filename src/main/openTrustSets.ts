import { dirname, resolve } from "node:path";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import { mapLimited } from "#core/limit.ts";
import { openRootSource } from "#main/openRootSource.ts";
import { readNamedFile } from "#main/readNamedFile.ts";
import { demandTrust } from "#trust/demandTrust.ts";
import { parsePublicKey } from "#trust/publicKey.ts";
import { readTrustSets } from "#trust/readTrustSets.ts";
import { neededParts } from "#trust/replaceTrust.ts";
import type { ScopedKey, TrustSet } from "#trust/trustSets.ts";
import type { TrustRoot } from "#trust/trustRoot.ts";
import type { Backing, ProofDemand, TrustMaterial, TrustedKey } from "#trust/verifiedClaim.ts";

export interface TrustSetSettings {
  readonly offline: boolean;
  /** As of when roots must still be good for something. */
  readonly at: Date;
}

const FILE_LIMIT = { cap: 4 * 1024 * 1024, what: "--trust" };
const KEY_LIMIT = { cap: 64 * 1024, what: "the key" };

/**
 * The keys and identities of `FILE`, or of one of its sets as `FILE#SET`, with the roots that vouch for them. CONFIG_INVALID for
 * a set that is not there; what reading documents, keys, roots and mirrors throws.
 */
export const openTrustSets = async (ctx: Ctx, name: string, settings: TrustSetSettings): Promise<TrustMaterial> => {
  const [, path = name, wanted] = /^(.+)#([^#/]+)$/.exec(name) ?? [];
  const { sets, warnings } = readTrustSets(Buffer.from(await readNamedFile(ctx, path, FILE_LIMIT)).toString(), path);
  for (const message of warnings) ctx.emit({ kind: "warning", message });
  const materials: TrustMaterial[] = [];
  for (const set of chooseSets(sets, wanted, path)) materials.push(await openSet(ctx, set, dirname(path), settings));
  return joinTrust(materials);
};

/** Everybody who may speak by one of them. */
export const joinTrust = (materials: readonly TrustMaterial[]): TrustMaterial => ({
  keys: materials.flatMap(({ keys }) => keys),
  certified: materials.flatMap(({ certified = [] }) => certified),
});

const chooseSets = (
  sets: ReadonlyMap<string, TrustSet>,
  wanted: string | undefined,
  path: string,
): readonly TrustSet[] => {
  if (wanted === undefined) return [...sets.values()];
  const set = sets.get(wanted);
  if (set !== undefined) return [set];
  throw new WaybillError("CONFIG_INVALID", `${path} has no trust set ${JSON.stringify(wanted)}`, {
    hint: `It has: ${[...sets.keys()].join(", ")}.`,
  });
};

const openSet = async (
  ctx: Ctx,
  { name, keys, identities, roots: sources, demand }: TrustSet,
  directory: string,
  { offline, at }: TrustSetSettings,
): Promise<TrustMaterial> => {
  const roots: TrustRoot[] = [];
  for (const source of sources) roots.push(...(await openRootSource(ctx, source, { directory, offline })));
  const ofIdentities = { logs: demand.log ?? 1, timestamps: demand.timestamp ?? 0, scts: demand.sct ?? 1 };
  const ofKeys = demandOfKeys(demand, roots.length > 0);
  if (identities.length > 0) demandTrust(roots, neededParts(ofIdentities, true), at);
  if (keys.length > 0 && ofKeys !== undefined) demandTrust(roots, neededParts(ofKeys, false), at);
  const backing: Backing = { roots, demand: ofIdentities };
  const named = await mapLimited(keys, 4, (key) => openKey(ctx, key, name, directory));
  return {
    keys: ofKeys === undefined ? named : named.map((key) => ({ ...key, backing: { roots, demand: ofKeys } })),
    certified: identities.map((one) => ({ identity: { ...one, name: `${name}/${one.name}` }, backing })),
  };
};

/** As of keys without a set: nothing is looked at unless it is demanded, or a root is there to judge it. */
const demandOfKeys = (demand: TrustSet["demand"], hasRoots: boolean): ProofDemand | undefined => {
  const least = hasRoots ? 0 : undefined;
  const [logs, timestamps] = [demand.log ?? least, demand.timestamp ?? least];
  return logs === undefined && timestamps === undefined ? undefined : { logs, timestamps, scts: undefined };
};

const openKey = async (ctx: Ctx, scoped: ScopedKey, set: string, directory: string): Promise<TrustedKey> => {
  const { key, name, window, images } = scoped;
  return {
    name: `${set}/${name}`,
    key: key.kind === "pem" ? key.key : await readKey(ctx, resolve(directory, key.path)),
    window,
    ...(images.length === 0 ? {} : { images }),
  };
};

const readKey = async (ctx: Ctx, path: string) => parsePublicKey(await readNamedFile(ctx, path, KEY_LIMIT), path);
