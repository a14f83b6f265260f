import type { Ctx } from "#core/ctx.ts";
import { asWaybillError, WaybillError } from "#core/errors.ts";
import { mapLimited } from "#core/limit.ts";
import type { ContentList } from "#app/listContent.ts";
import type { IndexFile } from "#app/listIndex.ts";
import type { ResolvedImage } from "#app/resolveImage.ts";
import { withDistinctNames } from "#app/withDistinctNames.ts";

export interface ImageListDeps {
  /** The platform image behind a reference as it was typed. */
  readonly resolve: (ctx: Ctx, reference: string) => Promise<ResolvedImage>;
  readonly list: (ctx: Ctx, image: ResolvedImage) => Promise<ContentList>;
}

const MAX_NAME = 150;

/**
 * Lists the content of several images, `width` at a time, as files named after the references. The first failure is thrown,
 * naming its reference.
 */
export const listImages =
  ({ resolve, list }: ImageListDeps) =>
  async (ctx: Ctx, references: readonly string[], width: number): Promise<readonly IndexFile[]> => {
    const files = await mapLimited([...new Set(references)], width, async (reference) => {
      try {
        const image = await resolve(ctx, reference);
        const { document, packages, unknowns } = await list(ctx, image);
        return {
          name: nameOf(reference),
          bytes: document,
          image,
          packages: packages.length,
          unknowns,
          attestations: [],
        };
      } catch (error) {
        const { code, message, hint } = asWaybillError(error);
        throw new WaybillError(code, `${reference}: ${message}`, { cause: error, hint });
      }
    });
    // What still has one name is one image under one name.
    return [...new Map(withDistinctNames(files).map((file) => [file.name, file])).values()];
  };

// Of a layout or an archive the folders say nothing.
const nameOf = (reference: string): string =>
  reference
    .replace(/^oci:(?:.*\/)?/, "")
    .replace(/[^A-Za-z0-9_.-]+/g, "_")
    .replace(/^[._-]+/, "")
    .slice(-MAX_NAME) || "image";
