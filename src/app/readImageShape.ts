import type { Repository } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import type { Descriptor } from "#core/descriptor.ts";
import type { Digest } from "#core/digest.ts";
import { asWaybillError } from "#core/errors.ts";
import { parseManifest } from "#core/manifest.ts";
import type { ImageManifest } from "#core/manifest.ts";
import type { Tenant } from "#records/build.ts";
import type { ImageLayer, ImageShape, IndexedImage } from "#records/imageShape.ts";
import { fitHistory } from "#sbom/fitHistory.ts";
import { SCAN_LIMITS } from "#sbom/scanLimits.ts";
import { cleanText } from "#app/cleanText.ts";
import { readConfig } from "#app/readConfig.ts";
import type { ImageConfig } from "#app/readConfig.ts";
import { formatPlatform, isAttestationChild } from "#app/resolveImage.ts";

export interface ImageShapeInput {
  readonly tenant: Tenant;
  readonly repository: Repository;
  readonly subject: Digest;
}

// A shell line of a Dockerfile may have some thousand characters; what it did is in its beginning.
const MAX_COMMAND = 2048;
const MAX_MEDIA_TYPE = 255;
const MAX_PLATFORM = 200;
// The official images that are built for most platforms have twelve.
const MAX_IMAGES = 1000;

/**
 * What an image consists of. Undefined where it is not there any more (papers outlive their image), cannot be read, or has more
 * parts than any honest one; a registry that does not answer is thrown.
 */
export const readImageShape = async (ctx: Ctx, input: ImageShapeInput): Promise<ImageShape | undefined> => {
  const { tenant, repository, subject: digest } = input;
  return unlessBad(async () => {
    const raw = await repository.readManifest(ctx, digest);
    if (raw === undefined) return undefined;
    const manifest = parseManifest(raw);
    const base = { tenant, digest, mediaType: manifest.mediaType };
    if (manifest.kind === "index") {
      const images = manifest.manifests.filter((child) => !isAttestationChild(child)).map(indexedImage);
      return images.length > MAX_IMAGES ? undefined : { ...base, platform: undefined, layers: [], images };
    }
    if (manifest.layers.length > SCAN_LIMITS.maxLayers) return undefined;
    // An artifact that is no container image has layers all the same.
    const config = await unlessBad(() => readConfig(ctx, repository, manifest));
    const platform = config && cleanText(formatPlatform(config.platform), MAX_PLATFORM);
    return { ...base, platform, layers: layersOf(manifest, config), images: [] };
  });
};

/** Undefined where the content is at fault, or gone: an image that was signed once may be damaged since. */
const unlessBad = async <T>(read: () => Promise<T>): Promise<T | undefined> => {
  try {
    return await read();
  } catch (error) {
    const { exitCode } = asWaybillError(error);
    if (exitCode !== 3 && exitCode !== 4 && exitCode !== 7) throw error;
    return undefined;
  }
};

const indexedImage = ({ digest, platform }: Descriptor): IndexedImage => ({
  digest,
  platform: cleanText(formatPlatform(platform), MAX_PLATFORM),
});

const layersOf = ({ layers }: ImageManifest, config: ImageConfig | undefined): readonly ImageLayer[] => {
  const steps = fitHistory(config?.history ?? [], layers.length);
  return layers.map(({ digest, size, mediaType }, at) => {
    const { createdBy, created } = steps[at] ?? {};
    return {
      digest,
      size,
      mediaType: cleanText(mediaType, MAX_MEDIA_TYPE),
      createdBy: createdBy === undefined ? undefined : cleanText(createdBy, MAX_COMMAND),
      createdAt: timeOf(created),
    };
  });
};

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;
// What an RFC 3339 time can say: offsets lead out of the years 0001 to 9999.
const LAST_TIME = Date.parse("9999-12-31T23:59:59.999Z");
/** Go writes its zero time where there is none. */
const NO_TIME = Date.parse("0001-01-01T00:00:00Z");

const timeOf = (text: string | undefined): number | undefined => {
  if (text === undefined || !RFC_3339.test(text)) return undefined;
  const at = Date.parse(text);
  return at > NO_TIME && at <= LAST_TIME ? at : undefined;
};
