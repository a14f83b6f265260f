import type { TarEntry } from "#archive/tarEntry.ts";
import type { Ctx } from "#core/ctx.ts";
import { hasCode } from "#core/errors.ts";
import type { Cataloger } from "#sbom/cataloger.ts";
import { captureEntry } from "#sbom/captureEntry.ts";
import type { Capture } from "#sbom/captureEntry.ts";
import { createGapList } from "#sbom/gapList.ts";
import { createLayerRecord } from "#sbom/layerRecord.ts";
import type { LayerRecord } from "#sbom/layerRecord.ts";
import type { Unknown } from "#sbom/package.ts";
import { readLayer } from "#sbom/readLayer.ts";
import type { LayerReading, LayerContent } from "#sbom/readLayer.ts";
import { isMarker } from "#sbom/whiteout.ts";

/** One layer after it was read once. */
export interface LayerScan {
  readonly record: LayerRecord;
  /** What catalogers kept, by ordinal of the file. */
  readonly captures: ReadonlyMap<number, readonly Capture[]>;
  /** What the archive holds and was left out. */
  readonly unknowns: readonly Unknown[];
}

/**
 * Reads a layer once: every entry is recorded, and catalogers capture what they want. A foreign layer that the repository
 * does not hold is a stated gap (its URLs are never followed: the image's author would choose whom we talk to).
 */
export const scanLayer = async (
  ctx: Ctx,
  reading: LayerReading,
  catalogers: readonly Cataloger[],
  index: number,
  source: LayerContent,
): Promise<LayerScan> => {
  const record = createLayerRecord(index);
  const captures = new Map<number, readonly Capture[]>();
  const gaps = createGapList(reading.limits.maxUnknowns);
  const { budget } = reading;
  const notice = (path: string, reason: string): void => gaps.note({ path, layer: index, reason });
  const visit = (entry: TarEntry): ReturnType<typeof captureEntry> => {
    budget.spend("entries", 1);
    budget.spend("names", entry.path.length + (entry.linkTarget?.length ?? 0));
    const ordinal = record.add(entry);
    if (entry.escaped) notice(entry.path, "its name tried to leave the root of the image");
    if (entry.type !== "file" || isMarker(entry.path)) return undefined;
    return captureEntry(catalogers, entry, (kept) => {
      for (const one of kept) if ("bytes" in one) budget.spend("captured", one.bytes.byteLength);
      captures.set(ordinal, kept);
    });
  };
  try {
    await readLayer(ctx, reading, source, { visit, notice });
  } catch (error) {
    if (!hasCode(error, "NOT_FOUND") || (source.descriptor.urls ?? []).length === 0) throw error;
    notice("", `the foreign layer ${source.descriptor.digest} is not in the repository`);
  }
  return { record, captures, unknowns: gaps.list() };
};
