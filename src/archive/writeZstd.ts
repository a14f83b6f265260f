import { Readable, pipeline } from "node:stream";
import { constants, createZstdCompress } from "node:zlib";

const CHUNK = 256 * 1024;

/** Compresses to one zstd frame with a checksum; its bytes depend on the input, the level and zlib's version alone. */
export async function* writeZstd(bytes: AsyncIterable<Uint8Array>, level: number): AsyncGenerator<Uint8Array> {
  const params = { [constants.ZSTD_c_compressionLevel]: level, [constants.ZSTD_c_checksumFlag]: 1 };
  const compress = createZstdCompress({ chunkSize: CHUNK, params });
  // A failure of the source destroys `compress` with the same error, so the loop below throws it.
  pipeline(Readable.from(bytes), compress, () => undefined);
  yield* compress as AsyncIterable<Uint8Array>;
}
