import type { Inflate } from "#archive/inflate.ts";
import type { EntrySink, TarEntry } from "#archive/tarEntry.ts";
import { createTarReader } from "#archive/tarReader.ts";
import type { Ctx } from "#core/ctx.ts";
import type { Digest } from "#core/digest.ts";
import { captureEntry, feedReducers } from "#sbom/captureEntry.ts";
import type { Capture, OwnedReducer } from "#sbom/captureEntry.ts";
import type { Cataloger } from "#sbom/cataloger.ts";
import { createEntryList } from "#sbom/entryList.ts";
import { createGapList } from "#sbom/gapList.ts";
import { LARGE_FILE, NO_LARGE_FILES } from "#sbom/largeFiles.ts";
import type { LargeFiles } from "#sbom/largeFiles.ts";
import { NO_USAGE } from "#sbom/layerScan.ts";
import type { FileCapture, LayerScan, LayerUsage } from "#sbom/layerScan.ts";
import { createScanBudget } from "#sbom/scanBudget.ts";
import type { ScanLimits } from "#sbom/scanLimits.ts";
import { isMarker } from "#sbom/whiteout.ts";

/** A content that has to be read once more, because a link with this name leads to it. */
export interface WantedName {
  readonly ordinal: number;
  readonly path: string;
  /** Index of the cataloger that wants it under this name. */
  readonly cataloger: number;
}

/** One layer to read; all of it can cross threads. */
export interface LayerJob {
  /** What it is, for messages. */
  readonly what: string;
  /** Bytes of the blob, as announced. */
  readonly size: number;
  /** Digest that the inflated archive must have. */
  readonly diffId: Digest;
  /** Of the image; a layer may use them all. */
  readonly limits: ScanLimits;
  /** Only these are captured, and nothing else is remembered; undefined for the first reading. */
  readonly wanted?: readonly WantedName[];
}

/**
 * Reads a layer's blob once: inflated, its diffID checked, every entry remembered, and catalogers capture what they want.
 * `report` hears now and then what was used so far; what it throws ends the reading. Errors: IMAGE_REFUSED, LIMIT_EXCEEDED,
 * DIGEST_MISMATCH; those of the blob pass through.
 */
export type ScanLayer = (
  ctx: Pick<Ctx, "signal">,
  compressed: AsyncIterable<Uint8Array>,
  job: LayerJob,
  report: (usage: LayerUsage) => void,
) => Promise<LayerScan>;

/** `ScanLayer` in the calling thread. */
export const scanLayer =
  (catalogers: readonly Cataloger[], inflate: Inflate, largeFiles: LargeFiles = NO_LARGE_FILES): ScanLayer =>
  async (ctx, compressed, job, report) => {
    const { what, size, diffId, limits } = job;
    const turns = takeTurns(largeFiles);
    const memory = remember(catalogers, job, turns.hold);
    const reader = createTarReader(memory, limits.tar, what);
    const inflateJob = { what, size, diffId, limits: limits.inflate };
    try {
      for await (const chunk of inflate(ctx, compressed, inflateJob)) {
        memory.spend("bytes", chunk.byteLength);
        reader.write(chunk);
        report(memory.usage());
      }
      reader.end();
      report(memory.usage());
      return memory.finish();
    } finally {
      turns.release();
    }
  };

type HoldSink = (entry: TarEntry, sink: EntrySink | undefined) => EntrySink | undefined;

/** Makes a large file wait for its turn; an archive that breaks off within one gives the turn back. */
const takeTurns = ({ enter, leave }: LargeFiles): { readonly hold: HoldSink; readonly release: () => void } => {
  let held = false;
  const release = (): void => {
    if (held) leave();
    held = false;
  };
  const hold: HoldSink = ({ size }, sink) => {
    if (sink === undefined || size <= LARGE_FILE) return sink;
    enter();
    held = true;
    const end = (): void => {
      try {
        sink.end();
      } finally {
        release();
      }
    };
    return { write: sink.write, end };
  };
  return { hold, release };
};

/** Visits an archive's entries and keeps what the scan is to have. */
interface Memory {
  readonly visit: (entry: TarEntry) => EntrySink | undefined;
  readonly notice: (path: string, reason: string) => void;
  readonly spend: (what: keyof LayerUsage, amount: number) => void;
  readonly usage: () => LayerUsage;
  readonly finish: () => LayerScan;
}

const remember = (catalogers: readonly Cataloger[], { limits, wanted }: LayerJob, hold: HoldSink): Memory => {
  const budget = createScanBudget(limits);
  const used = { ...NO_USAGE };
  const entries = createEntryList();
  const captures: FileCapture[] = [];
  const gaps = createGapList<LayerScan["gaps"][number]>(limits.maxUnknowns);
  const spend = (what: keyof LayerUsage, amount: number): void => {
    used[what] += amount;
    budget.spend(what, amount);
  };
  const notice = (path: string, reason: string): void => gaps.note({ path, reason });
  const keeper =
    ({ size, mode }: TarEntry, ordinal: number) =>
    (kept: readonly Capture[]): void => {
      for (const one of kept) if ("bytes" in one) spend("captured", one.bytes.byteLength);
      captures.push({ ordinal, size, mode, kept });
    };
  const visitAll = (entry: TarEntry): EntrySink | undefined => {
    spend("entries", 1);
    // Each is in memory until the layers are squashed, and there again.
    if (entry.type !== "file") budget.spend("nodes", 1);
    spend("names", entry.path.length + (entry.linkTarget?.length ?? 0));
    const ordinal = entries.add(entry);
    if (entry.escaped) notice(entry.path, "its name tried to leave the root of the image");
    if (entry.type !== "file" || isMarker(entry.path)) return undefined;
    return hold(entry, captureEntry(catalogers, entry, keeper(entry, ordinal)));
  };
  const finish = (): LayerScan => ({ entries: entries.finish(), captures, gaps: gaps.list(), usage: { ...used } });
  if (wanted === undefined) return { visit: visitAll, notice, spend, usage: () => ({ ...used }), finish };
  const again = visitAgain(catalogers, wanted, keeper);
  const visit = (entry: TarEntry): EntrySink | undefined => hold(entry, again(entry));
  return { visit, notice: () => undefined, spend, usage: () => ({ ...used }), finish };
};

/** The archive has the same digest as before, hence the same ordinals. */
const visitAgain = (
  catalogers: readonly Cataloger[],
  wanted: readonly WantedName[],
  keeper: (entry: TarEntry, ordinal: number) => (kept: readonly Capture[]) => void,
): ((entry: TarEntry) => EntrySink | undefined) => {
  const names = Map.groupBy(wanted, (one) => one.ordinal);
  let next = 0;
  return (entry) => {
    const ordinal = next++;
    const reducers = (names.get(ordinal) ?? []).flatMap(({ path, cataloger }): readonly OwnedReducer[] => {
      const reducer = catalogers[cataloger]?.wants({ ...entry, path });
      return reducer === undefined ? [] : [{ cataloger, reducer, tellsNothing: true }];
    });
    return reducers.length === 0 ? undefined : feedReducers(reducers, keeper(entry, ordinal));
  };
};
