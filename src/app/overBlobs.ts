import type { Ctx } from "#core/ctx.ts";
import { asWaybillError, hasCode } from "#core/errors.ts";
import type { WaybillError } from "#core/errors.ts";
import { mapLimited } from "#core/limit.ts";

/** What came of one file, or why nothing did. */
export type BlobOutcome<T> =
  | { readonly kind: "done"; readonly blob: string; readonly value: T }
  | { readonly kind: "failed"; readonly blob: string; readonly error: WaybillError };

/** Does one thing with many files, `width` at once, in order; one file's trouble keeps no other from its outcome. */
export const overBlobs = <B extends { readonly blob: string }, T>(
  ctx: Ctx,
  blobs: readonly B[],
  width: number,
  work: (one: B) => Promise<T>,
): Promise<readonly BlobOutcome<T>[]> =>
  mapLimited(blobs, width, async (one): Promise<BlobOutcome<T>> => {
    try {
      ctx.signal.throwIfAborted();
      return { kind: "done", blob: one.blob, value: await work(one) };
    } catch (thrown) {
      const error = asWaybillError(thrown);
      if (hasCode(error, "ABORTED")) throw error;
      return { kind: "failed", blob: one.blob, error };
    }
  });
