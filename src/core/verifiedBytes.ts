import { countDigest, digestAlgorithm } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";

/** What bytes must be. */
export interface Expected {
  readonly digest: Digest;
  readonly size: number;
}

/**
 * Passes chunks through while hashing and counting them. Throws SIZE_LONG as soon as a byte too many arrives,
 * SIZE_SHORT or DIGEST_MISMATCH at the end. Whoever consumes must not act on the bytes before the iteration has ended.
 */
export async function* verifiedBytes(expected: Expected, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const counter = countDigest(digestAlgorithm(expected.digest));
  for await (const chunk of bytes) {
    counter.update(chunk);
    if (counter.size() > expected.size) {
      throw new WaybillError("SIZE_LONG", `${expected.digest}: more than the announced ${expected.size} bytes`);
    }
    yield chunk;
  }
  checkCounted(expected, counter.size(), counter.digest());
}

/** The same check for bytes already in memory. */
export const checkBytes = (expected: Expected, bytes: Uint8Array): void => {
  const counter = countDigest(digestAlgorithm(expected.digest));
  counter.update(bytes);
  if (bytes.byteLength > expected.size) {
    throw new WaybillError(
      "SIZE_LONG",
      `${expected.digest}: ${bytes.byteLength} bytes, announced were ${expected.size}`,
    );
  }
  checkCounted(expected, counter.size(), counter.digest());
};

const checkCounted = (expected: Expected, size: number, digest: Digest): void => {
  if (size < expected.size) {
    throw new WaybillError("SIZE_SHORT", `${expected.digest}: ${size} bytes, announced were ${expected.size}`);
  }
  if (digest !== expected.digest) {
    throw new WaybillError("DIGEST_MISMATCH", `expected ${expected.digest}, the bytes have ${digest}`);
  }
};

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
