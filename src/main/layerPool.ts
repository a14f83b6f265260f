import { inflate } from "#archive/inflate.ts";
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

/** A pool for `width` layers at once, each on a thread of its own, which starts when it is needed; small ones are read here. */
export const openLayerPool = (width: number): LayerPool => {
  const shared = new SharedArrayBuffer(LARGE_FILES_BYTES);
  const threads: LayerThread[] = [];
  const pick = (): LayerThread => {
    const [best] = threads.toSorted((a, b) => a.busy() - b.busy());
    if (best !== undefined && (best.busy() === 0 || threads.length >= width)) return best;
    const fresh = startLayerThread(shared);
    threads.push(fresh);
    return fresh;
  };
  const here = scanLayer(CATALOGERS, inflate);
  return {
    scanLayer: (ctx, compressed, job, report) =>
      (job.size <= SMALL_BLOB ? here : pick().scanLayer)(ctx, compressed, job, report),
    close: async () => void (await Promise.all(threads.splice(0).map((thread) => thread.close()))),
  };
};
