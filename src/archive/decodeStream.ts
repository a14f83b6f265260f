import type { Gunzip, ZstdDecompress } from "node:zlib";
import { freeMemory } from "#archive/freeMemory.ts";
import { WaybillError } from "#core/errors.ts";

/** A stream of node:zlib that takes compressed bytes and gives the plain ones. */
export type Decoder = Gunzip | ZstdDecompress;

export interface DecodeManner {
  /** What the stream is, for messages. */
  readonly what: string;
  /** Told each piece that is not needed any more. */
  readonly whenUsed: (piece: Uint8Array) => void;
}

/**
 * Runs compressed pieces through a decoder. Each piece is written alone, so that `bytesWritten` tells whether all of it was
 * used: zlib ends in silence at zeros after a gzip member and forgets whatever follows. Zeros to the very end are padding
 * (gzip(1) and tar write it), anything else is refused. A chunk is valid until the next one is asked for. Damaged data: IMAGE_REFUSED; errors of the pieces pass through.
 */
export async function* decodeStream(
  decoder: Decoder,
  pieces: AsyncIterable<Uint8Array>,
  { what, whenUsed }: DecodeManner,
): AsyncGenerator<Uint8Array> {
  const consumer = { gone: false };
  const fed = feed(decoder, pieces, { what, whenUsed }, consumer);
  fed.catch((error: unknown) => decoder.destroy(error as Error));
  // Every error is thrown below; one that comes after the decoder's end would otherwise end the program.
  decoder.on("error", () => undefined);
  try {
    for await (const chunk of decoder as AsyncIterable<Uint8Array<ArrayBuffer>>) {
      yield chunk;
      freeMemory(chunk);
    }
    // The decoder may have ended before its input: at padding, of which the rest is still to be looked at.
    await fed;
  } catch (error) {
    throw toRefusal(error, what);
  } finally {
    consumer.gone = true;
    decoder.destroy();
  }
}

const feed = async (
  decoder: Decoder,
  pieces: AsyncIterable<Uint8Array>,
  { what, whenUsed }: DecodeManner,
  consumer: { readonly gone: boolean },
): Promise<void> => {
  const write = writerTo(decoder);
  let given = 0;
  for await (const piece of readAhead(pieces)) {
    if (piece.byteLength === 0) continue;
    if (given === decoder.bytesWritten) await write(piece);
    // Leaving the loop ends the pieces as well.
    if (consumer.gone) return;
    given += piece.byteLength;
    const unused = Math.min(given - decoder.bytesWritten, piece.byteLength);
    checkPadding(piece.subarray(piece.byteLength - unused), what);
    whenUsed(piece);
  }
  decoder.end();
};

/** Writes one piece and waits until it is decoded, or the decoder is gone (then zlib forgets to call back). */
const writerTo = (decoder: Decoder): ((piece: Uint8Array) => Promise<void>) => {
  let wake = (): void => undefined;
  decoder.once("close", () => wake());
  return (piece) =>
    new Promise((resolve) => {
      wake = resolve;
      decoder.write(piece, () => resolve());
    });
};

/** Asks for the next chunk while the one before is decoded. */
async function* readAhead(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]();
  try {
    let next = iterator.next();
    for (;;) {
      const { done, value } = await next;
      if (done === true) return;
      next = iterator.next();
      // Its failure is thrown by the `await` above; until then nobody listens.
      next.catch(() => undefined);
      yield value;
    }
  } finally {
    await iterator.return?.();
  }
}

const checkPadding = (bytes: Uint8Array, what: string): void => {
  if (bytes.some((byte) => byte !== 0))
    throw new WaybillError("IMAGE_REFUSED", `${what}: other bytes follow the compressed stream`);
};

// node:zlib's own codes: Z_DATA_ERROR, Z_BUF_ERROR (cut off), ZSTD_error_...
const toRefusal = (error: unknown, what: string): unknown => {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (!code.startsWith("Z_") && !code.startsWith("ZSTD_")) return error;
  const reason = code === "Z_BUF_ERROR" ? "the compressed stream is cut off" : "the compressed stream is damaged";
  return new WaybillError("IMAGE_REFUSED", `${what}: ${reason} (${code})`, { cause: error });
};
