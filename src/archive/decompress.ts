import { constants, createGunzip, createZstdDecompress } from "node:zlib";
import { findCompression, MAGIC_BYTES } from "#archive/compression.ts";
import { decodeStream } from "#archive/decodeStream.ts";
import type { InflateLimits } from "#archive/inflateLimits.ts";
import { splitZstdFrames } from "#archive/zstdFrames.ts";
import { WaybillError } from "#core/errors.ts";

/** One compressed stream. */
export interface DecompressJob {
  /** What the stream is, for messages. */
  readonly what: string;
  /** Bytes of the compressed stream, as announced. */
  readonly size: number;
  readonly limits: InflateLimits;
}

// Far fewer turns of the event loop than zlib's 16 KiB (sbom.md 5.3).
const CHUNK = 256 * 1024;
// The mark is passed on to the stream (the types do not know it): decoding goes on while the last chunk is consumed.
const STREAM = { chunkSize: CHUNK, readableHighWaterMark: 2 * CHUNK };

/**
 * The plain bytes of a stream that is gzip with any number of members, zstd with any number of frames, or plain. Chunks are
 * valid until the next one is asked for; `whenUsed` is told each piece of input that is not needed any more. IMAGE_REFUSED
 * for damage, LIMIT_EXCEEDED beyond the limits.
 */
export async function* decompress(
  compressed: AsyncIterable<Uint8Array>,
  job: DecompressJob,
  whenUsed: (chunk: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  let given = 0;
  for await (const chunk of decode(compressed, job, whenUsed)) {
    given += chunk.byteLength;
    checkGrowth(given, job);
    yield chunk;
  }
}

const checkGrowth = (given: number, { limits, size, what }: DecompressJob): void => {
  if (given > limits.maxBytes)
    throw new WaybillError("LIMIT_EXCEEDED", `${what}: inflates to more than ${limits.maxBytes} bytes`);
  if (given > limits.ratioFrom && given > size * limits.maxRatio)
    throw new WaybillError("LIMIT_EXCEEDED", `${what}: inflates to more than ${limits.maxRatio} times its size`);
};

async function* decode(
  compressed: AsyncIterable<Uint8Array>,
  job: DecompressJob,
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
  job: DecompressJob,
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

async function* frames(compressed: AsyncIterable<Uint8Array>, job: DecompressJob): AsyncGenerator<Uint8Array> {
  const splitter = splitZstdFrames(job.limits.maxWindow, job.what);
  for await (const chunk of compressed) yield* splitter.split(chunk);
  splitter.end();
}

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
