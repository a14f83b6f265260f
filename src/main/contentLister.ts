import { availableParallelism } from "node:os";
import type { ContentLister } from "#cli/deps.ts";
import type { AskedManner } from "#cli/scanFlags.ts";
import { leaveCores } from "#main/startDigest.ts";
import { VERSION } from "#main/version.ts";
import type { ScanManner } from "#sbom/scanManner.ts";

// More streams from one registry are slower, not faster (stereoscope#681), and each thread has memory of its own.
const MAX_JOBS = 4;

/**
 * Lists what is in images, `jobs` layers at a time. Its code starts on its way at once, so that it is there by the time
 * the caller has found the image and the key; its threads end with it.
 */
export const openContentLister = (asked: AskedManner): ContentLister => {
  const manner: ScanManner = { ...asked, jobs: asked.jobs ?? Math.min(MAX_JOBS, availableParallelism()) };
  const takeCores = leaveCores();
  const opening = open(manner);
  // Said to whoever lists; a lister that is not used may fail in silence.
  opening.catch(() => undefined);
  return {
    list: async (ctx, image, format, base) => {
      const { listImageContent, openKeptFacts, pool } = await opening;
      const facts = manner.cache ? await openKeptFacts(ctx) : undefined;
      return listImageContent({ scanLayer: pool.scanLayer, facts })(ctx, image, { format, manner, base });
    },
    describe: async (ctx, index, made, format) => {
      const { describeIndex } = await opening;
      return describeIndex(ctx, { index, made, format, version: VERSION, name: manner.name });
    },
    [Symbol.asyncDispose]: async () => {
      const opened = await opening.catch(() => undefined);
      takeCores();
      await opened?.pool.close();
    },
  };
};

const open = async ({ jobs }: ScanManner) => {
  const { openLayerPool } = await import("#main/layerPool.ts");
  const pool = openLayerPool(jobs);
  const [{ listImageContent }, { openKeptFacts }, { describeIndex }] = await Promise.all([
    import("#main/imageContent.ts"),
    import("#main/keptFacts.ts"),
    import("#app/describeIndex.ts"),
  ]);
  return { listImageContent, openKeptFacts, describeIndex, pool };
};
