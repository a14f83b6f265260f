import { EMPTY_CONFIG } from "#claims/bundleManifest.ts";
import { writeGoJson } from "#claims/goJson.ts";
import type { Repository } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import { rawManifest } from "#core/manifest.ts";
import type { RawManifest } from "#core/manifest.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";

// distribution-spec 1.1 demands that tags can be deleted; older registries answer one of these and delete by digest alone.
const NO_TAG_DELETION: ReadonlySet<unknown> = new Set([400, 405, 501]);

/**
 * Removes a tag and nothing else. Where the registry deletes only by digest, that would take along every other tag that
 * names the same manifest (two images may have the same SBOM attached), so the tag is made to name an empty manifest of its
 * own first, and that one is deleted.
 */
export const removeTag = async (ctx: Ctx, repository: Repository, tag: string, raw: RawManifest): Promise<void> => {
  try {
    await repository.deleteManifest(ctx, tag);
  } catch (error) {
    if (!(error instanceof WaybillError) || !NO_TAG_DELETION.has(error.details["status"])) throw error;
    await removeByDigest(ctx, repository, tag, raw);
  }
};

const removeByDigest = async (ctx: Ctx, repository: Repository, tag: string, raw: RawManifest): Promise<void> => {
  const empty = emptyManifest(tag);
  // It is not there yet: a registry that deletes nothing says so now, before anything has changed.
  await repository.deleteManifest(ctx, empty.digest);
  await repository.writeBlob(ctx, EMPTY_CONFIG, EMPTY_CONFIG.bytes);
  const { etag } = raw;
  await repository.writeManifest(ctx, empty, tag, etag === undefined ? {} : { ifMatch: etag });
  try {
    await repository.deleteManifest(ctx, empty.digest);
  } catch (error) {
    await repository.writeManifest(ctx, raw, tag);
    throw error;
  }
};

/** Unlike every other one, since it says which tag it stands under. */
const emptyManifest = (tag: string): RawManifest => {
  const { mediaType, size, digest } = EMPTY_CONFIG;
  const bytes = writeGoJson({
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.ociManifest,
    config: { mediaType, size, digest },
    layers: [],
    annotations: { "org.opencontainers.image.ref.name": tag },
  });
  return rawManifest(bytes, MEDIA_TYPE.ociManifest);
};
