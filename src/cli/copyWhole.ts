import { copyImages } from "#app/copyImages.ts";
import type { CopyLine, CopyOutcome } from "#app/copyImages.ts";
import type { copyFlags } from "#cli/copyFlags.ts";
import type { Deps } from "#cli/deps.ts";
import type { FlagValues } from "#cli/flag.ts";
import type { RegistryValues } from "#cli/registryFlags.ts";
import type { Ctx } from "#core/ctx.ts";

interface CopyRequest {
  readonly deps: Deps;
  readonly args: readonly string[];
  readonly flags: FlagValues<typeof copyFlags> & RegistryValues;
}

/** Copies one image with everything that belongs to it; `args` are the references that the user named. */
export const copyWhole = async (
  ctx: Ctx,
  { deps, args, flags }: CopyRequest,
  line: CopyLine,
): Promise<readonly CopyOutcome[]> => {
  const repositories = await deps.openRepositories(flags, args);
  const settings = { ...flags, only: undefined, platform: undefined, settleMs: flags.settle };
  return copyImages({ repositories })(ctx, { ...settings, lines: [line] });
};
