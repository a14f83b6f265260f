import type { ContentLister } from "#cli/deps.ts";

/**
 * Lists what is in images, `jobs` layers at a time. Its threads and its code start on their way at once and end with it, so
 * that they are there by the time the caller has found the image and the key.
 */
export const openContentLister = (jobs: number): ContentLister => {
  const opening = open(jobs);
  // Said to whoever lists; a lister that is not used may fail in silence.
  opening.catch(() => undefined);
  return {
    list: async (ctx, image, format) => {
      const { listImageContent, pool } = await opening;
      return listImageContent(pool.inflate)(ctx, image, { format, jobs });
    },
    [Symbol.asyncDispose]: async () => {
      const opened = await opening.catch(() => undefined);
      await opened?.pool.close();
    },
  };
};

const open = async (jobs: number) => {
  // The thread starts while the rest is loaded.
  const { openInflatePool } = await import("#main/inflatePool.ts");
  const pool = openInflatePool(jobs);
  const { listImageContent } = await import("#main/imageContent.ts");
  return { listImageContent, pool };
};
