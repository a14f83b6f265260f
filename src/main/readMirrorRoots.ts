import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import type { TufInstance } from "#main/tufInstance.ts";
import { formatTufMirror } from "#main/tufMirror.ts";
import { withTufRepository } from "#main/withTufRepository.ts";
import type { TufFreshness } from "#main/withTufRepository.ts";
import { readTrustRoots } from "#trust/readTrustRoot.ts";
import type { TrustRoot } from "#trust/trustRoot.ts";

/** The trusted roots that a TUF mirror publishes, as old as the mirror's last word. TRUST_INVALID where it has none. */
export const readMirrorRoots = (
  ctx: Ctx,
  instance: TufInstance,
  freshness: TufFreshness,
): Promise<readonly TrustRoot[]> =>
  withTufRepository(ctx, instance, freshness, async (repository) => {
    const name = formatTufMirror(instance.mirror);
    const bytes = await repository.target(ctx, "trusted_root.json");
    if (bytes === undefined)
      throw new WaybillError("TRUST_INVALID", `${name} has no trusted_root.json`, {
        hint: "Check which mirror was chosen with waybill initialize or TUF_MIRROR.",
      });
    return readTrustRoots(bytes, name).map((root) => ({ ...root, published: repository.fetchedAt }));
  });
