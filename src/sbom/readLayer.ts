import type { Ctx } from "#core/ctx.ts";
import type { Descriptor } from "#core/descriptor.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError, hasCode } from "#core/errors.ts";

/** One layer of an image, as its manifest announces it. */
export interface LayerSource {
  readonly descriptor: Descriptor;
  /**
   * The blob's bytes, checked against its descriptor (`BlobReader.readBlob`); may be opened again. The context given ends
   * when another layer has failed.
   */
  readonly open: (ctx: Ctx) => AsyncIterable<Uint8Array>;
}

/** A layer together with the digest of its inflated archive (config, rootfs.diff_ids). */
export interface LayerContent extends LayerSource {
  readonly diffId: Digest;
}

/**
 * Opens a layer's blob for `read`, which must read it to its end. A damaged blob is told from a hostile archive even where
 * the damage shows first in the archive: then the rest of the blob is read for its own failure. IMAGE_REFUSED for an
 * encrypted layer.
 */
export const readLayer = async <T>(
  ctx: Ctx,
  { descriptor, open }: LayerSource,
  read: (compressed: AsyncIterable<Uint8Array>) => Promise<T>,
): Promise<T> => {
  if (descriptor.mediaType.endsWith("+encrypted"))
    throw new WaybillError("IMAGE_REFUSED", `layer ${descriptor.digest} is encrypted`, {
      hint: "Decrypt the image before you scan it.",
    });
  const source = holdOpen(ctx, open(ctx), descriptor);
  try {
    return await read(source.chunks);
  } catch (error) {
    throw (await source.explain(error)) ?? error;
  } finally {
    await source.close();
  }
};

interface HeldSource {
  readonly chunks: AsyncIterable<Uint8Array>;
  /** The blob's own failure, which may lie behind an error of what reads it. */
  readonly explain: (error: unknown) => Promise<unknown>;
  readonly close: () => Promise<void>;
}

/** A source that outlives its reader's failure, so that the rest of the blob can still tell whether the blob is to blame. */
const holdOpen = (ctx: Ctx, bytes: AsyncIterable<Uint8Array>, { digest, size }: Descriptor): HeldSource => {
  const iterator = bytes[Symbol.asyncIterator]();
  let failure: unknown;
  let done = 0;
  const next = async (): Promise<IteratorResult<Uint8Array>> => {
    try {
      const result = await iterator.next();
      if (result.done !== true) done += result.value.byteLength;
      ctx.emit({ kind: "bytes", label: `layer ${digest}`, done, total: size });
      return result;
    } catch (error) {
      failure = error;
      throw error;
    }
  };
  const explain = async (error: unknown): Promise<unknown> => {
    if (!hasCode(error, "IMAGE_REFUSED", "DIGEST_MISMATCH")) return failure;
    try {
      // A blob that is longer than announced ends with an error of its own.
      while (failure === undefined && (await next()).done !== true) ctx.signal.throwIfAborted();
    } catch {
      return failure;
    }
    return failure;
  };
  const close = async (): Promise<void> => {
    await iterator.return?.();
  };
  return { chunks: { [Symbol.asyncIterator]: () => ({ next }) }, explain, close };
};
