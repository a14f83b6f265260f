import { inflate } from "#archive/inflate.ts";
import { limit } from "#core/limit.ts";
import { startLayerThread } from "#main/layerThread.ts";
import type { LayerThread } from "#main/layerThread.ts";
import { LARGE_FILES_BYTES } from "#main/worker/sharedLargeFiles.ts";
import { CATALOGERS } from "#sbom/catalogers.ts";
import { scanLayer } from "#sbom/scanLayer.ts";
import type { ScanLayer } from "#sbom/scanLayer.ts";

/** Reads layers without keeping the calling thread busy. */
export interface LayerPool {
  readonly scanLayer: ScanLayer;
  /** Ends the threads; layers under way fail. */
  readonly close: () => Promise<void>;
}

// Read in less time than a thread takes to start; what it inflates to cannot be large (deflate does 1032 at most).
const SMALL_BLOB = 128 * 1024;

/**
 * A pool that reads `width` layers at once, whoever asks, each on a thread of its own, which starts when it is needed; small
 * ones are read here. A thread that dies fails its layer alone.
 */
export const openLayerPool = (width: number): LayerPool => {
  const shared = new SharedArrayBuffer(LARGE_FILES_BYTES);
  const threads: LayerThread[] = [];
  const inTurn = limit(width);
  const pick = (): LayerThread => {
    for (const [at, thread] of [...threads.entries()].toReversed()) if (thread.isLost()) threads.splice(at, 1);
    const idle = threads.find((thread) => !thread.isBusy());
    if (idle !== undefined) return idle;
    const fresh = startLayerThread(shared);
    threads.push(fresh);
    return fresh;
  };
  const here = scanLayer(CATALOGERS, inflate);
  return {
    scanLayer: (ctx, compressed, job, report) =>
      job.size <= SMALL_BLOB
        ? here(ctx, compressed, job, report)
        : inTurn(() => pick().scanLayer(ctx, compressed, job, report)),
    close: async () => void (await Promise.all(threads.splice(0).map((thread) => thread.close()))),
  };
};
