import type { Ctx } from "#core/ctx.ts";
import { hasCode } from "#core/errors.ts";
import type { FactCache } from "#sbom/factCache.ts";
import { factKey } from "#sbom/factKey.ts";
import { createEntryList } from "#sbom/entryList.ts";
import { NO_USAGE } from "#sbom/layerScan.ts";
import type { LayerScan } from "#sbom/layerScan.ts";
import { packScan, unpackScan } from "#sbom/packScan.ts";
import { readLayer } from "#sbom/readLayer.ts";
import type { LayerContent } from "#sbom/readLayer.ts";
import { meterLayer } from "#sbom/scanBudget.ts";
import type { ScanBudget } from "#sbom/scanBudget.ts";
import type { LayerJob, ScanLayer, WantedName } from "#sbom/scanLayer.ts";
import type { ScanLimits } from "#sbom/scanLimits.ts";

/** A cache, and the name of the code whose facts may be taken from it. */
export interface KeptFacts {
  readonly cache: FactCache;
  readonly engine: string;
}

/** What reading needs besides the layer. */
export interface LayerReading {
  readonly scanLayer: ScanLayer;
  readonly facts: KeptFacts | undefined;
  readonly limits: ScanLimits;
  /** Of the whole image. */
  readonly budget: ScanBudget;
}

// Larger scans are of images that nobody builds on.
const MAX_KEPT = 64 * 1024 ** 2;

/**
 * A layer's facts, from the cache where they are there, else from its blob; then they are kept for the next time. `wanted` as in
 * `LayerJob`. A foreign layer that the repository does not hold is a stated gap (its URLs are never followed: the image's
 * author would choose whom we talk to). Errors: those of `readLayer` and `ScanLayer`.
 */
export const readFacts = async (
  ctx: Ctx,
  reading: LayerReading,
  source: LayerContent,
  wanted?: readonly WantedName[],
): Promise<LayerScan> => {
  const { facts } = reading;
  const { descriptor, diffId } = source;
  const again = wanted === undefined ? {} : { wanted };
  const what = `layer ${descriptor.digest}`;
  const job: LayerJob = { what, size: descriptor.size, diffId, limits: reading.limits, ...again };
  const key = facts && factKey(facts.engine, source, job);
  const known = key && (await readKept(ctx, reading, key));
  if (known) return known;
  const scan = await readBlob(ctx, reading, source, job);
  if (key && scan !== undefined && scan.entries.bytes.byteLength + scan.usage.captured <= MAX_KEPT)
    await facts.cache.write(ctx, key, packScan(scan));
  return scan ?? missing(what);
};

const readKept = async (ctx: Ctx, { facts, budget }: LayerReading, key: string): Promise<LayerScan | undefined> => {
  const packed = await facts?.cache.read(ctx, key);
  if (packed === undefined) return undefined;
  const scan = unpackScan(packed);
  meterLayer(budget)(scan.usage);
  return scan;
};

const readBlob = async (
  ctx: Ctx,
  { scanLayer, budget }: LayerReading,
  source: LayerContent,
  job: LayerJob,
): Promise<LayerScan | undefined> => {
  try {
    return await readLayer(ctx, source, (compressed) => scanLayer(ctx, compressed, job, meterLayer(budget)));
  } catch (error) {
    if (!hasCode(error, "NOT_FOUND") || (source.descriptor.urls ?? []).length === 0) throw error;
    return undefined;
  }
};

const missing = (what: string): LayerScan => ({
  entries: createEntryList().finish(),
  captures: [],
  gaps: [{ path: "", reason: `the foreign ${what} is not in the repository` }],
  usage: NO_USAGE,
});
