import { digestAlgorithm, digestOf } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import { hashHere } from "#core/streamDigest.ts";
import type { StartDigest } from "#core/streamDigest.ts";

/** What bytes must be. */
export interface Expected {
  readonly digest: Digest;
  readonly size: number;
}

const verified = new WeakMap<AsyncIterable<Uint8Array>, Expected>();

/**
 * Passes chunks through while hashing and counting them. Throws SIZE_LONG as soon as a byte too many arrives,
 * SIZE_SHORT or DIGEST_MISMATCH at the end. Whoever consumes must not act on the bytes before the iteration has ended.
 * What comes out of here goes unhashed, but counted, through a second check for the same digest: from one store to another
 * each byte is hashed once. Chunks must not be changed or used again.
 */
export const verifiedBytes = (
  expected: Expected,
  bytes: AsyncIterable<Uint8Array>,
  startDigest: StartDigest = hashHere,
): AsyncIterable<Uint8Array> => {
  const hashed = verified.get(bytes)?.digest === expected.digest;
  const checked = hashed ? counted(expected, bytes) : compared(expected, bytes, startDigest);
  verified.set(checked, expected);
  return checked;
};

/**
 * Shows each chunk to somebody before it is passed on, and when the first is asked for; bytes that are verified stay so.
 * What `see` throws ends it all.
 */
export const watchedBytes = (
  bytes: AsyncIterable<Uint8Array>,
  see: (chunk: Uint8Array) => void,
  begin: () => void = () => {},
): AsyncIterable<Uint8Array> => {
  const watched = watch(bytes, see, begin);
  const expected = verified.get(bytes);
  if (expected !== undefined) verified.set(watched, expected);
  return watched;
};

async function* watch(
  bytes: AsyncIterable<Uint8Array>,
  see: (chunk: Uint8Array) => void,
  begin: () => void,
): AsyncGenerator<Uint8Array> {
  begin();
  for await (const chunk of bytes) {
    see(chunk);
    yield chunk;
  }
}

async function* counted(expected: Expected, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.byteLength;
    if (size > expected.size) throw tooLong(expected);
    yield chunk;
  }
  if (size < expected.size) throw tooShort(expected, size);
}

async function* compared(
  expected: Expected,
  bytes: AsyncIterable<Uint8Array>,
  startDigest: StartDigest,
): AsyncGenerator<Uint8Array> {
  const digest = startDigest(digestAlgorithm(expected.digest));
  try {
    for await (const chunk of counted(expected, bytes)) {
      const behind = digest.update(chunk);
      if (behind !== undefined) await behind;
      yield chunk;
    }
    checkDigest(expected, await digest.digest());
  } finally {
    digest.discard();
  }
}

/** The same check for bytes already in memory. */
export const checkBytes = (expected: Expected, bytes: Uint8Array): void => {
  const size = bytes.byteLength;
  if (size > expected.size)
    throw new WaybillError("SIZE_LONG", `${expected.digest}: ${size} bytes, announced were ${expected.size}`);
  if (size < expected.size) throw tooShort(expected, size);
  checkDigest(expected, digestOf(bytes, digestAlgorithm(expected.digest)));
};

const checkDigest = (expected: Expected, digest: Digest): void => {
  if (digest !== expected.digest)
    throw new WaybillError("DIGEST_MISMATCH", `expected ${expected.digest}, the bytes have ${digest}`);
};

const tooLong = ({ digest, size }: Expected): WaybillError =>
  new WaybillError("SIZE_LONG", `${digest}: more than the announced ${size} bytes`);

const tooShort = ({ digest, size }: Expected, found: number): WaybillError =>
  new WaybillError("SIZE_SHORT", `${digest}: ${found} bytes, announced were ${size}`);

/** Reads a whole stream into memory up to `cap` bytes; LIMIT_EXCEEDED names `what` beyond that. */
export const readAll = async (bytes: AsyncIterable<Uint8Array>, cap: number, what: string): Promise<Buffer> => {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.byteLength;
    if (size > cap) throw new WaybillError("LIMIT_EXCEEDED", `${what} is larger than ${cap} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
};
