import type { TagMerge, TagMergeResult } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError, asWaybillError, hasCode } from "#core/errors.ts";
import { mapLimited } from "#core/limit.ts";
import type { RawManifest } from "#core/manifest.ts";

export interface MergedTag {
  /** What the tag holds now; undefined where it is absent and nothing had to be written. */
  readonly digest: Digest | undefined;
  /** What is left to settle: give it to `settleTags`. Undefined where nothing was written. */
  readonly settling: TagMerge | undefined;
}

// A registry has no compare-and-swap that all of them honour, so writers must be quick after they looked: whoever reads
// later than our write cannot lose it, and whoever read earlier is done soon.
const MAX_READ_TO_WRITE_MS = 250;
// 16 writers in step need about as many turns; jitter makes it fewer.
const MAX_ATTEMPTS = 40;
const MAX_ROUNDS = 12;
const FIRST_DELAY_MS = 20;
const MAX_DELAY_MS = 1000;
// Other writers may have a slower line than ours, yet hardly this much slower.
const WINDOWS_TO_WAIT = 4;
const SETTLE_WIDTH = 8;
// The transport does not repeat these writes, since by then what was read is old.
const MAX_TROUBLES = 5;
const PASSING = [
  "BLOB_UNKNOWN",
  "NETWORK_FAILED",
  "NETWORK_TIMEOUT",
  "REGISTRY_THROTTLED",
  "REGISTRY_UNAVAILABLE",
] as const;

/**
 * Merges into a tag that others write at the same time, without a lock: upload, read, write at once, read back, again
 * until it is in. Another writer that had read before may still overwrite it: `settleTags` looks once more.
 * Throws TAG_CONTENDED when others never let it in.
 */
export const mergeTag = async (ctx: Ctx, tag: TagMerge): Promise<MergedTag> => {
  const uploaded = new Set<Digest>();
  let progress: Progress = { windowMs: tag.windowMs ?? 0, wrote: false, troubles: 0 };
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const fresh = await readFresh(ctx, tag, uploaded);
    if (fresh === undefined) continue;
    if (fresh.result.kind === "unchanged") return ended(tag, fresh.current?.digest, progress);
    const { manifest } = fresh.result;
    progress = await write(ctx, tag, progress, { ...fresh, manifest });
    if (progress.refusedOver === undefined && (await holds(ctx, tag, manifest)))
      return ended(tag, manifest.digest, progress);
    await ctx.clock.sleep(delay(ctx, attempt), ctx.signal);
  }
  throw contended(tag.tag);
};

/** A tag of which nobody knows whether it still holds what was written, and why. */
export interface UnsettledTag {
  readonly repository: TagMerge["repository"];
  readonly tag: string;
  readonly error: WaybillError;
}

/**
 * Looks at tags again after all writers that had read before have written, and merges again what was lost, until nothing
 * is. Waits once for all tags together, `settleMs` or longer where the registry is slow; 0 turns it off, and so does it
 * when all of them are patient. One tag's trouble
 * is its own: it is in the result, and the others settle all the same. Only an interruption is thrown.
 */
export const settleTags = async (
  ctx: Ctx,
  tags: readonly TagMerge[],
  settleMs: number,
): Promise<readonly UnsettledTag[]> => {
  const unsettled: UnsettledTag[] = [];
  let pending = settleMs > 0 && tags.some((one) => one.patient !== true) ? tags : [];
  for (let round = 1; pending.length > 0; round++) {
    const slowest = Math.max(...pending.map((one) => one.windowMs ?? 0));
    await ctx.clock.sleep(Math.max(settleMs, WINDOWS_TO_WAIT * slowest), ctx.signal);
    const settled = await mapLimited(pending, SETTLE_WIDTH, (one) => settleOnce(ctx, one));
    unsettled.push(...settled.flatMap((one) => ("error" in one ? one : [])));
    pending = settled.flatMap((one) => ("error" in one ? [] : (one.settling ?? [])));
    if (round < MAX_ROUNDS) continue;
    return [...unsettled, ...pending.map(({ repository, tag }) => ({ repository, tag, error: contended(tag) }))];
  }
  return unsettled;
};

const settleOnce = async (ctx: Ctx, merge: TagMerge): Promise<MergedTag | UnsettledTag> => {
  try {
    return await mergeTag(ctx, merge);
  } catch (thrown) {
    const error = asWaybillError(thrown);
    if (hasCode(error, "ABORTED", "INTERNAL")) throw error;
    return { repository: merge.repository, tag: merge.tag, error };
  }
};

interface Progress {
  readonly windowMs: number;
  /** Whether anything of ours was ever written to the tag. */
  readonly wrote: boolean;
  /** Writes that failed in a way that may pass. */
  readonly troubles: number;
  /** The manifest over which the last write was refused because of its condition. */
  readonly refusedOver?: Digest | "nothing";
}

interface Fresh {
  readonly current: RawManifest | undefined;
  readonly readAt: number;
  readonly result: TagMergeResult;
}

/** Reads and merges; undefined when uploading the blobs took so long that the reading is no longer fresh. */
const readFresh = async (ctx: Ctx, tag: TagMerge, uploaded: Set<Digest>): Promise<Fresh | undefined> => {
  const readAt = ctx.clock.now();
  const current = await tag.repository.readManifest(ctx, tag.tag);
  const answeredAt = ctx.clock.now();
  const result = tag.merge(current);
  if (result.kind === "unchanged") return { current, readAt, result };
  const missing = result.blobs.filter((blob) => !uploaded.has(blob.digest));
  for (const blob of missing) {
    await tag.repository.writeBlob(ctx, blob, blob.bytes);
    uploaded.add(blob.digest);
  }
  const late = missing.length > 0 && ctx.clock.now() - answeredAt > MAX_READ_TO_WRITE_MS;
  return late ? undefined : { current, readAt, result };
};

interface Intended extends Pick<Fresh, "current" | "readAt"> {
  readonly manifest: RawManifest;
}

const write = async (ctx: Ctx, tag: TagMerge, before: Progress, intended: Intended): Promise<Progress> => {
  const over = intended.current?.digest ?? "nothing";
  // Refused, though nobody had changed the tag: that registry takes no conditions, or its tags are immutable, which a
  // write without a condition tells.
  const etag = before.refusedOver === over ? undefined : intended.current?.etag;
  const { windowMs, wrote, troubles } = before;
  // Without it, who was first to read that there is no tag and last to write would undo all that came between.
  const ifAbsent = intended.current === undefined && before.refusedOver !== over;
  const condition = { once: true, ...(etag === undefined ? {} : { ifMatch: etag }), ...(ifAbsent ? { ifAbsent } : {}) };
  try {
    await tag.repository.writeManifest(ctx, intended.manifest, tag.tag, condition);
  } catch (error) {
    if (hasCode(error, "TAG_CONTENDED")) return { windowMs, wrote, troubles, refusedOver: over };
    if (!hasCode(error, ...PASSING) || troubles === MAX_TROUBLES) throw error;
    // Nobody knows whether it was written before it failed: look, and settle in any case.
    return { windowMs: Math.max(windowMs, ctx.clock.now() - intended.readAt), wrote: true, troubles: troubles + 1 };
  }
  return { windowMs: Math.max(windowMs, ctx.clock.now() - intended.readAt), wrote: true, troubles };
};

/** Whether the tag still holds ours, alone or merged further by another writer. */
const holds = async (ctx: Ctx, tag: TagMerge, manifest: RawManifest): Promise<boolean> => {
  const now = await tag.repository.readManifest(ctx, tag.tag);
  return now?.digest === manifest.digest || tag.merge(now).kind === "unchanged";
};

const ended = (tag: TagMerge, digest: Digest | undefined, progress: Progress): MergedTag => ({
  digest,
  settling: progress.wrote ? { ...tag, windowMs: progress.windowMs, patient: false } : undefined,
});

const delay = (ctx: Ctx, attempt: number): number =>
  ctx.clock.jitter() * Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** attempt);

const contended = (tag: string): WaybillError =>
  new WaybillError("TAG_CONTENDED", `other writers kept changing the tag ${tag}`);
