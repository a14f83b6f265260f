import type { Repository } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import { copyContent } from "#app/copyContent.ts";
import { openRoute } from "#app/copyRoute.ts";

export interface CopyImageInput {
  readonly from: Repository;
  readonly to: Repository;
  readonly digest: Digest;
  readonly tag: string;
}

/** Copies an image, or an index with all its children, byte for byte: content before what names it. Papers stay behind. */
export const copyImage = async (ctx: Ctx, { from, to, digest, tag }: CopyImageInput): Promise<void> => {
  const raw = await from.readManifest(ctx, digest);
  if (raw === undefined) throw new WaybillError("NOT_FOUND", `${from.name} has no manifest ${digest}`);
  await copyContent(ctx, openRoute(from, to), raw);
  await to.writeManifest(ctx, raw, tag);
};
