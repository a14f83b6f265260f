import type { Repositories } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import { formatReference } from "#core/reference.ts";
import type { Reference } from "#core/reference.ts";
import type { BaseImage } from "#sbom/findBase.ts";
import { readConfig } from "#app/readConfig.ts";
import type { ImageConfig } from "#app/readConfig.ts";
import { resolveImage } from "#app/resolveImage.ts";
import type { ResolvedImage } from "#app/resolveImage.ts";

/**
 * Looks up the image that `image` is said to be built on, of an index the one for its platform. Layers decide: those of the
 * base must be the lowest of the image's, by their uncompressed content. USAGE_INVALID where they are not.
 */
export const readBase =
  (deps: { readonly repositories: Repositories }) =>
  async (ctx: Ctx, reference: Reference, image: ResolvedImage): Promise<BaseImage> => {
    const own = await configOf(ctx, image);
    const base = await resolveImage(deps)(ctx, { reference, access: "read", platform: platformOf(own) });
    const { diffIds } = await configOf(ctx, base);
    const at = diffIds.findIndex((diffId, index) => diffId !== own.diffIds[index]);
    if (at >= 0) {
      throw new WaybillError(
        "USAGE_INVALID",
        `${image.digest} is not built on ${formatReference(reference)}: layer ${at} of that image is not in it`,
        { hint: "Name the image of the last FROM, as it was when this one was built." },
      );
    }
    return { source: "given", digest: base.digest, layers: diffIds.length };
  };

const configOf = async (ctx: Ctx, { manifest, repository, digest }: ResolvedImage): Promise<ImageConfig> => {
  if (manifest.kind === "index") throw new WaybillError("USAGE_INVALID", `${digest} is an index of several images`);
  return readConfig(ctx, repository, manifest);
};

// Only for 32-bit ARM does the variant tell images apart that one index has; others leave it out at will.
const platformOf = ({ platform: { os, architecture, variant } }: ImageConfig): string =>
  architecture === "arm" && variant !== undefined ? `${os}/${architecture}/${variant}` : `${os}/${architecture}`;
