import type { Ctx } from "#core/ctx.ts";
import { hasCode } from "#core/errors.ts";
import { badMetadata } from "#sigstore/tuf/badMetadata.ts";
import type { TufSource } from "#sigstore/tuf/tufSource.ts";

/** A file of a mirror, as `TufSource.get`; TRUST_INVALID for one that is larger than it may be, or does not end. */
export const getFile = async (
  ctx: Ctx,
  source: TufSource,
  path: string,
  cap: number,
): Promise<Uint8Array | undefined> => {
  try {
    return await source.get(ctx, path, cap);
  } catch (error) {
    if (!hasCode(error, "LIMIT_EXCEEDED")) throw error;
    throw badMetadata(`${path} of ${source.name}`, `is larger than the ${cap} bytes that it may have`, error);
  }
};
