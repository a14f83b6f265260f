import { markForCosign } from "#archive/markForCosign.ts";
import type { Ctx } from "#core/ctx.ts";
import type { Digest } from "#core/digest.ts";
import { checkLayout } from "#registry/layout/checkLayout.ts";
import { openIndexFile } from "#registry/layout/indexFile.ts";

/** Says in a layout directory's index.json which image `cosign load` is to take. Errors as `openLayout`. */
export const markLayout = async (ctx: Ctx, path: string, image: Digest): Promise<void> => {
  await checkLayout(path, false);
  await openIndexFile(path, false).change({
    signal: ctx.signal,
    apply: async (index) => markForCosign(index, image),
  });
};
