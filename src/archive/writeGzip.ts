import { Readable, pipeline } from "node:stream";
import { crc32, createDeflateRaw } from "node:zlib";

// RFC 1952: magic, method deflate, no flags, no time, no extra flags, operating system 255 = unknown. zlib's own header
// would name the machine's system.
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
const CHUNK = 256 * 1024;

/**
 * Compresses to one gzip member whose bytes depend on the input, the level and zlib's version alone. Works in the thread
 * pool, so several at once use several cores.
 */
export async function* writeGzip(bytes: AsyncIterable<Uint8Array>, level: number): AsyncGenerator<Uint8Array> {
  let sum = 0;
  let size = 0;
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of bytes) {
      sum = crc32(chunk, sum);
      size += chunk.byteLength;
      yield chunk;
    }
  };
  const deflate = createDeflateRaw({ level, chunkSize: CHUNK });
  // A failure of the source destroys `deflate` with the same error, so the loop below throws it.
  pipeline(Readable.from(counted()), deflate, () => undefined);
  yield HEADER;
  yield* deflate as AsyncIterable<Uint8Array>;
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(sum, 0);
  // RFC 1952: the size modulo 2^32.
  trailer.writeUInt32LE(size % 2 ** 32, 4);
  yield trailer;
}
