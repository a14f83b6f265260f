import type { Repository } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import type { StartDigest } from "#core/streamDigest.ts";
import { createByteCache } from "#registry/layout/byteCache.ts";
import { checkLayout } from "#registry/layout/checkLayout.ts";
import { layoutRepository } from "#registry/layout/layoutRepository.ts";
import { openLayoutStore } from "#registry/layout/layoutStore.ts";

export interface LayoutOptions {
  /** The directory. */
  readonly path: string;
  /** Where there is no layout, reads answer "not there" and the first write makes one. */
  readonly create: boolean;
  /** Where layers are hashed; here, when not given. */
  readonly startDigest?: StartDigest | undefined;
}

const CACHE_BYTES = 16 * 1024 * 1024;

/**
 * An OCI layout directory as a repository (image-spec 1.1, "OCI Image Layout"). Safe for several processes: files come
 * into being whole, index.json is changed under a lock. ETags are digests, and conditions on them are exact.
 * NOT_FOUND where there is no layout and `create` is false; INPUT_INVALID for an archive or a directory of other things.
 */
export const openLayout = async (ctx: Ctx, { path, create, startDigest }: LayoutOptions): Promise<Repository> => {
  await checkLayout(path, create);
  const name = `oci:${path}`;
  const store = openLayoutStore({
    root: path,
    create,
    cache: createByteCache(CACHE_BYTES),
    report: (digest, reason) => ctx.log("warn", "manifest skipped", { layout: path, digest, reason }),
  });

  return layoutRepository(name, store, startDigest);
};
