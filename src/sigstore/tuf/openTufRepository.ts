import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError, asWaybillError, hasCode } from "#core/errors.ts";
import { demandDescribed } from "#sigstore/tuf/fileDescription.ts";
import { makePrivateDirectory } from "#sigstore/tuf/privateDirectory.ts";
import { expired, refreshTuf } from "#sigstore/tuf/refreshTuf.ts";
import { openTufCache } from "#sigstore/tuf/tufCache.ts";
import type { KeptTufSet, TufCache } from "#sigstore/tuf/tufCache.ts";
import { findExpired } from "#sigstore/tuf/tufSet.ts";
import type { TufSource } from "#sigstore/tuf/tufSource.ts";
import { fetchTufTarget, findTufTarget } from "#sigstore/tuf/tufTarget.ts";
import type { TufTarget } from "#sigstore/tuf/tufTarget.ts";

export interface TufSettings {
  readonly source: TufSource;
  /** Root metadata of whatever version: everything else is believed because of it. */
  readonly firstRoot: Uint8Array;
  /** Below which each repository has a directory of its own. */
  readonly cacheDirectory: string;
  /** Ask nobody. */
  readonly offline: boolean;
  /** Ask again where the last answer is older, milliseconds; at most an hour anyway. 0: ask now. */
  readonly maxAgeMs?: number | undefined;
}

/** What a repository says, verified, and how fresh that is. */
export interface TufRepository {
  readonly rootVersion: number;
  readonly rootExpires: Date;
  readonly timestampExpires: Date;
  /** When a mirror was last asked. */
  readonly fetchedAt: Date;
  /**
   * The bytes of a target; undefined where the repository has none of this name. TRUST_INVALID where they are not those,
   * TRUST_MISSING where nobody may be asked and they are not kept.
   */
  readonly target: (ctx: Ctx, name: string) => Promise<Uint8Array | undefined>;
}

// Public mirrors are signed anew every few days; asking more often than this finds nothing new.
const FRESH_MS = 3_600_000;

/**
 * Opens a TUF repository: from the cache where that is fresh or nobody may be asked, else from its mirror. Where the mirror
 * cannot be reached, what is kept serves until it expires, with a warning. TRUST_INVALID, TRUST_EXPIRED, TRUST_MISSING; and
 * what the mirror's transport throws where nothing is kept.
 */
export const openTufRepository = async (ctx: Ctx, settings: TufSettings): Promise<TufRepository> => {
  const cache = await openCache(ctx, settings);
  const { set, fetchedAt } = await chooseSet(ctx, settings, cache);
  return {
    rootVersion: set.root.version,
    rootExpires: set.root.expires,
    timestampExpires: set.timestamp.expires,
    fetchedAt: new Date(fetchedAt),
    target: async (targetCtx, name) => {
      const target = findTufTarget(set, name);
      if (target === undefined) return undefined;
      return getTarget(targetCtx, settings, { cache, target, consistentSnapshot: set.root.consistentSnapshot });
    },
  };
};

/** A mirror is known by its address and by what it is believed for: another root begins anew. */
const openCache = async (
  ctx: Ctx,
  { source, firstRoot, cacheDirectory }: TufSettings,
): Promise<TufCache | undefined> => {
  const root = createHash("sha256").update(firstRoot).digest("hex");
  const name = createHash("sha256").update(`${source.name}\n${root}`).digest("hex");
  const directory = join(cacheDirectory, name.slice(0, 32));
  const flaw = await makePrivateDirectory(directory);
  if (flaw === undefined) return openTufCache(directory, firstRoot, ctx.clock);
  ctx.emit({ kind: "warning", message: `trust metadata is not kept in ${directory}: ${flaw}` });
  return undefined;
};

const chooseSet = async (ctx: Ctx, settings: TufSettings, cache: TufCache | undefined): Promise<KeptTufSet> => {
  const kept = await orUnkept(ctx, async () => cache?.load(ctx));
  if (settings.offline) return demandKept(kept, settings.source, ctx.clock.now());
  const now = ctx.clock.now();
  const usable = kept !== undefined && findExpired(kept.set, now) === undefined ? kept : undefined;
  if (usable !== undefined && isFresh(now - usable.fetchedAt, settings.maxAgeMs)) return usable;
  try {
    const set = await refreshTuf(ctx, settings.source, settings.firstRoot, kept?.set);
    const refreshed = { set, fetchedAt: now };
    await orUnkept(ctx, async () => cache?.publish(refreshed));
    return refreshed;
  } catch (error) {
    if (usable === undefined || !hasCode(error, ...UNREACHABLE)) throw error;
    const since = new Date(usable.fetchedAt).toISOString();
    ctx.emit({ kind: "warning", message: `${error.message}; what it said at ${since} is used, which still holds` });
    return usable;
  }
};

// Who can cut the line can hold back what is new, until what is old expires; that is what expiry is for.
const UNREACHABLE = ["NETWORK_FAILED", "NETWORK_TIMEOUT", "REGISTRY_THROTTLED", "REGISTRY_UNAVAILABLE"] as const;

/** An age below nought is that of a clock that was wrong. */
const isFresh = (age: number, maxAgeMs = FRESH_MS): boolean => age >= 0 && age < Math.min(maxAgeMs, FRESH_MS);

const demandKept = (kept: KeptTufSet | undefined, source: TufSource, now: number): KeptTufSet => {
  if (kept === undefined)
    throw new WaybillError("TRUST_MISSING", `nothing is kept of ${source.name}, and nobody may be asked`);
  const old = findExpired(kept.set, now);
  if (old === undefined) return kept;
  throw expired(`what is kept of ${source.name} does not hold: its ${old.role}`, old.role, old.since);
};

/** The cache spares requests; where it fails, they are made. */
const orUnkept = async <T>(ctx: Ctx, step: () => Promise<T>): Promise<T | undefined> => {
  try {
    return await step();
  } catch (error) {
    ctx.emit({ kind: "warning", message: `the cache of trust metadata fails: ${asWaybillError(error).message}` });
    return undefined;
  }
};

const getTarget = async (
  ctx: Ctx,
  { source, offline }: TufSettings,
  {
    cache,
    target,
    consistentSnapshot,
  }: { readonly cache: TufCache | undefined; readonly target: TufTarget; readonly consistentSnapshot: boolean },
): Promise<Uint8Array> => {
  const [hash = ""] = target.hashes.values();
  const kept = await orUnkept(ctx, async () => cache?.target(hash));
  if (kept !== undefined && isTarget(kept, target)) return kept;
  if (offline)
    throw new WaybillError("TRUST_MISSING", `${target.name} of ${source.name} is not kept, and nobody may be asked`);
  const bytes = await fetchTufTarget(ctx, source, target, consistentSnapshot);
  await orUnkept(ctx, async () => cache?.keepTarget(hash, bytes));
  return bytes;
};

const isTarget = (bytes: Uint8Array, target: TufTarget): boolean => {
  try {
    demandDescribed(bytes, target, target.name);
    return true;
  } catch {
    return false;
  }
};
