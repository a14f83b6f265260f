import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import { formatTufMirror } from "#main/tufMirror.ts";
import { chooseTufInstance } from "#main/tufInstance.ts";
import { withTufRepository } from "#main/withTufRepository.ts";

/** A file that the chosen TUF mirror publishes, and what messages call it. NOT_FOUND where it does not; errors as opening it. */
export const readMirrorTarget = async (
  ctx: Ctx,
  target: string,
): Promise<{ readonly bytes: Uint8Array; readonly name: string }> => {
  const instance = await chooseTufInstance(ctx, process.env);
  const freshness = { offline: false, maxAgeMs: undefined };
  const bytes = await withTufRepository(ctx, instance, freshness, (repository) => repository.target(ctx, target));
  const name = `${target} of ${formatTufMirror(instance.mirror)}`;
  if (bytes !== undefined) return { bytes, name };
  throw new WaybillError("NOT_FOUND", `there is no ${name}`, {
    hint: "Check which mirror was chosen with waybill initialize or TUF_MIRROR; or begin with a file: --base-config FILE.",
  });
};
