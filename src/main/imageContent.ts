import { listContent } from "#app/listContent.ts";
import type { ContentDeps, ContentList } from "#app/listContent.ts";
import type { ResolvedImage } from "#app/resolveImage.ts";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import { VERSION } from "#main/version.ts";
import type { CycloneDxVersion } from "#sbom/cyclonedx/version.ts";
import type { BaseImage } from "#sbom/findBase.ts";
import type { ScanManner } from "#sbom/scanManner.ts";

/** What the user may choose. */
export interface SbomManner {
  readonly format: CycloneDxVersion;
  readonly manner: ScanManner;
  readonly base?: BaseImage | undefined;
}

/** Lists an image's content as this program does: with its version, and the time that the environment may set. */
export const listImageContent =
  (deps: ContentDeps) =>
  (ctx: Ctx, image: ResolvedImage, manner: SbomManner): Promise<ContentList> =>
    listContent(deps)(ctx, {
      image,
      ...manner,
      timestamp: sourceDate(process.env["SOURCE_DATE_EPOCH"]),
      version: VERSION,
    });

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
