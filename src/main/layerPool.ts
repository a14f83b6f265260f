import { startLayerThread } from "#main/layerThread.ts";
import type { LayerThread } from "#main/layerThread.ts";
import { LARGE_FILES_BYTES } from "#main/worker/sharedLargeFiles.ts";
import type { ScanLayer } from "#sbom/scanLayer.ts";

/** Reads layers without keeping the main thread busy. */
export interface LayerPool {
  readonly scanLayer: ScanLayer;
  /** Ends the threads; layers under way fail. */
  readonly close: () => Promise<void>;
}

/** A pool for `width` layers at once, each on a thread of its own. `ready` of them start now, the others when they are needed. */
export const openLayerPool = (width: number, ready = 0): LayerPool => {
  const shared = new SharedArrayBuffer(LARGE_FILES_BYTES);
  const threads: LayerThread[] = Array.from({ length: ready }, () => startLayerThread(shared));
  const pick = (): LayerThread => {
    const [best] = threads.toSorted((a, b) => a.busy() - b.busy());
    if (best !== undefined && (best.busy() === 0 || threads.length >= width)) return best;
    const fresh = startLayerThread(shared);
    threads.push(fresh);
    return fresh;
  };
  return {
    scanLayer: (ctx, compressed, job, report) => pick().scanLayer(ctx, compressed, job, report),
    close: async () => void (await Promise.all(threads.splice(0).map((thread) => thread.close()))),
  };
};
