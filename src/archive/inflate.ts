import { decompress } from "#archive/decompress.ts";
import type { DecompressJob } from "#archive/decompress.ts";
import type { Ctx } from "#core/ctx.ts";
import { countDigest, digestAlgorithm } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";

/** One stream to inflate. */
export interface InflateJob extends DecompressJob {
  /** Digest that the inflated bytes must have. */
  readonly diffId: Digest;
}

/**
 * Inflates a stream: gzip with any number of members, zstd with any number of frames, or plain bytes, told apart by their
 * magic bytes because media types lie (sbom.md 4.7). A chunk that comes out is valid until the next one is asked for; chunks
 * that go in stay untouched. Errors: IMAGE_REFUSED (damaged, unknown compression), LIMIT_EXCEEDED, at the end
 * DIGEST_MISMATCH; those of the stream pass through.
 */
export type Inflate = (
  ctx: Pick<Ctx, "signal">,
  compressed: AsyncIterable<Uint8Array>,
  job: InflateJob,
) => AsyncIterable<Uint8Array>;

/** `Inflate` on zlib's streams, which work in Node's thread pool; hashes in the calling thread. */
export const inflate: Inflate = (ctx, compressed, job) => inflateWith(ctx, compressed, job, () => undefined);

/** The same, telling of each chunk that it is inflated and its memory may serve again. */
export const inflateTelling =
  (whenUsed: (chunk: Uint8Array) => void): Inflate =>
  (ctx, compressed, job) =>
    inflateWith(ctx, compressed, job, whenUsed);

const inflateWith = async function* (
  { signal }: Pick<Ctx, "signal">,
  compressed: AsyncIterable<Uint8Array>,
  job: InflateJob,
  whenUsed: (chunk: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  const hash = countDigest(digestAlgorithm(job.diffId));
  for await (const chunk of decompress(compressed, job, whenUsed)) {
    signal.throwIfAborted();
    hash.update(chunk);
    yield chunk;
  }
  checkDigest(hash.digest(), job);
};

const checkDigest = (digest: Digest, { diffId, what }: InflateJob): void => {
  if (digest !== diffId)
    throw new WaybillError("DIGEST_MISMATCH", `${what}: inflated it has ${digest}, the image's config says ${diffId}`);
};
