import { listContent } from "#app/listContent.ts";
import type { ContentList } from "#app/listContent.ts";
import type { ResolvedImage } from "#app/resolveImage.ts";
import type { SbomManner } from "#cli/deps.ts";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import { openInflatePool } from "#main/inflatePool.ts";
import { VERSION } from "#main/version.ts";

/** Lists an image's content with worker threads, which end with the call. */
export const listImageContent = async (ctx: Ctx, image: ResolvedImage, manner: SbomManner): Promise<ContentList> => {
  const pool = openInflatePool(manner.jobs);
  try {
    return await listContent({ inflate: pool.inflate })(ctx, {
      image,
      ...manner,
      timestamp: sourceDate(process.env["SOURCE_DATE_EPOCH"]),
      version: VERSION,
    });
  } finally {
    await pool.close();
  }
};

/** https://reproducible-builds.org/specs/source-date-epoch/: seconds since 1970, in decimal digits. */
const sourceDate = (text: string | undefined): string | undefined => {
  if (text === undefined || text === "") return undefined;
  const seconds = /^[0-9]{1,11}$/.test(text) ? Number(text) : Number.NaN;
  // 253402300799 is the last second of the year 9999, beyond which RFC 3339 cannot write.
  if (!(seconds <= 253_402_300_799)) {
    throw new WaybillError("CONFIG_INVALID", "SOURCE_DATE_EPOCH is not a number of seconds since 1970");
  }
  return new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
};
