import { constants, createGunzip, createZstdDecompress } from "node:zlib";
import { decodeStream, freeChunk } from "#archive/decodeStream.ts";
import { splitZstdFrames } from "#archive/zstdFrames.ts";
import type { Ctx } from "#core/ctx.ts";
import { countDigest, digestAlgorithm } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";

/** How far a compressed stream may grow (sbom.md 4.8, attack 28). */
export interface InflateLimits {
  /** Bytes that come out. */
  readonly maxBytes: number;
  /** Bytes out per byte in, of the whole stream, looked at once `ratioFrom` bytes are out: some zeros are honest. */
  readonly maxRatio: number;
  readonly ratioFrom: number;
  /** Bytes of a zstd window, which the decoder allocates. */
  readonly maxWindow: number;
}

export const INFLATE_LIMITS: InflateLimits = {
  maxBytes: 64 * 1024 ** 3,
  // Deflate cannot do more than 1032; real layers stay below 20.
  maxRatio: 200,
  ratioFrom: 256 * 1024 ** 2,
  // What zstd(1) takes without being told to take more.
  maxWindow: 128 * 1024 ** 2,
};

/** One stream to inflate. */
export interface InflateJob {
  /** What the stream is, for messages. */
  readonly what: string;
  /** Bytes of the compressed stream, as announced. */
  readonly size: number;
  /** Digest that the inflated bytes must have. */
  readonly diffId: Digest;
  readonly limits: InflateLimits;
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

// Far fewer turns of the event loop than zlib's 16 KiB (sbom.md 5.3).
const CHUNK = 256 * 1024;
// The mark is passed on to the stream (the types do not know it): decoding goes on while the last chunk is consumed.
const STREAM = { chunkSize: CHUNK, readableHighWaterMark: 2 * CHUNK };

/** `Inflate` on zlib's streams, which work in Node's thread pool; hashes in the calling thread. */
export const inflate: Inflate = (ctx, compressed, job) => inflateWith(ctx, compressed, job, () => undefined);

/** The same for chunks that nobody else uses: their memory is given back as soon as they are inflated. */
export const inflateOwned: Inflate = (ctx, compressed, job) => inflateWith(ctx, compressed, job, freeChunk);

const inflateWith = async function* (
  { signal }: Pick<Ctx, "signal">,
  compressed: AsyncIterable<Uint8Array>,
  job: InflateJob,
  whenUsed: (chunk: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  const hash = countDigest(digestAlgorithm(job.diffId));
  for await (const chunk of decode(compressed, job, whenUsed)) {
    signal.throwIfAborted();
    hash.update(chunk);
    checkGrowth(hash.size(), job);
    yield chunk;
  }
  checkDigest(hash.digest(), job);
};

const checkDigest = (digest: Digest, { diffId, what }: InflateJob): void => {
  if (digest !== diffId)
    throw new WaybillError("DIGEST_MISMATCH", `${what}: inflated it has ${digest}, the image's config says ${diffId}`);
};

const checkGrowth = (given: number, { limits, size, what }: InflateJob): void => {
  if (given > limits.maxBytes)
    throw new WaybillError("LIMIT_EXCEEDED", `${what}: inflates to more than ${limits.maxBytes} bytes`);
  if (given > limits.ratioFrom && given > size * limits.maxRatio)
    throw new WaybillError("LIMIT_EXCEEDED", `${what}: inflates to more than ${limits.maxRatio} times its size`);
};

async function* decode(
  compressed: AsyncIterable<Uint8Array>,
  job: InflateJob,
  whenUsed: (chunk: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  const { head, whole } = await peek(compressed, MAGIC_BYTES);
  switch (findCompression(head)) {
    case "gzip":
      return yield* decodeStream(createGunzip(STREAM), whole, { what: job.what, whenUsed });
    case "zstd":
      return yield* decodeZstd(whole, job, whenUsed);
    case "none":
      return yield* whole;
    case "unknown":
      throw new WaybillError("IMAGE_REFUSED", `${job.what}: compressed with something other than gzip or zstd`);
  }
}

async function* decodeZstd(
  compressed: AsyncIterable<Uint8Array>,
  job: InflateJob,
  whenUsed: (chunk: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  const { head, whole } = await peek(frames(compressed, job), 1);
  // Nothing but skippable frames; the decoder would call that cut off.
  if (head.length > 0) yield* decodeStream(createZstd(job.limits), whole, { what: job.what, whenUsed });
}

const createZstd = (limits: InflateLimits): ReturnType<typeof createZstdDecompress> =>
  createZstdDecompress({
    ...STREAM,
    params: { [constants.ZSTD_d_windowLogMax]: Math.floor(Math.log2(limits.maxWindow)) },
  });

async function* frames(compressed: AsyncIterable<Uint8Array>, job: InflateJob): AsyncGenerator<Uint8Array> {
  const splitter = splitZstdFrames(job.limits.maxWindow, job.what);
  for await (const chunk of compressed) yield* splitter.split(chunk);
  splitter.end();
}

const MAGIC_BYTES = 10;

const findCompression = (head: Buffer): "gzip" | "zstd" | "none" | "unknown" => {
  const hex = head.toString("hex");
  if (hex.startsWith("1f8b")) return "gzip";
  // RFC 8878 3.1: a frame, or one of sixteen kinds of skippable ones.
  if (/^(?:28b52ffd|5.2a4d18)/.test(hex)) return "zstd";
  // xz, and bzip2 with the mark of its first block or of its end.
  return /^(?:fd377a585a00|425a683.(?:314159265359|177245385090))/.test(hex) ? "unknown" : "none";
};

interface Peeked {
  readonly head: Buffer;
  readonly whole: AsyncGenerator<Uint8Array>;
}

/** The first `bytes` bytes, or fewer at the end, and the stream as if they had not been read. */
const peek = async (stream: AsyncIterable<Uint8Array>, bytes: number): Promise<Peeked> => {
  const chunks = stream[Symbol.asyncIterator]();
  const first: Uint8Array[] = [];
  let size = 0;
  while (size < bytes) {
    const { done, value } = await chunks.next();
    if (done === true) break;
    first.push(value);
    size += value.byteLength;
  }
  const whole = async function* (): AsyncGenerator<Uint8Array> {
    yield* first;
    yield* { [Symbol.asyncIterator]: () => chunks };
  };
  return { head: Buffer.concat(first).subarray(0, bytes), whole: whole() };
};
