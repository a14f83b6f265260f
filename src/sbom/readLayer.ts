import type { Inflate } from "#archive/inflate.ts";
import type { TarVisitor } from "#archive/tarEntry.ts";
import { createTarReader } from "#archive/tarReader.ts";
import type { Ctx } from "#core/ctx.ts";
import type { Descriptor } from "#core/descriptor.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError, hasCode } from "#core/errors.ts";
import type { ScanBudget } from "#sbom/scanBudget.ts";
import type { ScanLimits } from "#sbom/scanLimits.ts";

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

/** What reading needs besides the layer. */
export interface LayerReading {
  readonly inflate: Inflate;
  readonly limits: ScanLimits;
  readonly budget: ScanBudget;
}

/**
 * Streams one layer past a visitor: blob digest and size, compression, diffID and archive are all checked on the way, so
 * nothing shown may be believed before this resolves. Errors: those of the blob (a damaged blob is told from a hostile
 * archive even where the damage shows first in the archive), IMAGE_REFUSED, LIMIT_EXCEEDED, DIGEST_MISMATCH.
 */
export const readLayer = async (
  ctx: Ctx,
  { inflate, limits, budget }: LayerReading,
  { descriptor, diffId, open }: LayerContent,
  visitor: TarVisitor,
): Promise<void> => {
  const what = `layer ${descriptor.digest}`;
  if (descriptor.mediaType.endsWith("+encrypted"))
    throw new WaybillError("IMAGE_REFUSED", `${what} is encrypted`, { hint: "Decrypt the image before you scan it." });
  const source = holdOpen(ctx, open(ctx), descriptor);
  const reader = createTarReader(visitor, limits.tar, what);
  try {
    for await (const chunk of inflate(ctx, source.chunks, {
      what,
      size: descriptor.size,
      diffId,
      limits: limits.inflate,
    })) {
      budget.spend("bytes", chunk.byteLength);
      reader.write(chunk);
    }
    reader.end();
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
