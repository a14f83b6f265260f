import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import type { Ctx } from "#core/ctx.ts";
import { explainReadFailure } from "#host/explainReadFailure.ts";

// Large enough that reading costs nothing beside hashing, small enough to stay in the processor's cache.
const CHUNK = 512 * 1024;

/**
 * A file of any size, or a pipe, in chunks: while one is used, the next is read. There are two buffers, so a chunk is good
 * until the next one is asked for. NOT_FOUND, INPUT_INVALID.
 */
export async function* readBlob(ctx: Ctx, path: string): AsyncGenerator<Uint8Array> {
  let file: FileHandle | undefined;
  let ahead: Promise<Uint8Array> | undefined;
  try {
    file = await open(path);
    const buffers = [Buffer.allocUnsafeSlow(CHUNK), Buffer.allocUnsafeSlow(CHUNK)] as const;
    for (let turn = 0; ; turn ^= 1) {
      ctx.signal.throwIfAborted();
      const chunk: Uint8Array = await (ahead ?? readNext(file, buffers[0]));
      ahead = undefined;
      if (chunk.byteLength === 0) return;
      ahead = readNext(file, turn === 0 ? buffers[1] : buffers[0]);
      // Whoever uses the chunk may never come back; then nobody else would take this failure.
      ahead.catch(() => undefined);
      yield chunk;
    }
  } catch (cause) {
    throw explainReadFailure(cause, path, "the blob");
  } finally {
    await ahead?.catch(() => undefined);
    await file?.close();
  }
}

const readNext = async (file: FileHandle, buffer: Buffer): Promise<Uint8Array> => {
  const { bytesRead } = await file.read(buffer, 0, buffer.byteLength, null);
  return buffer.subarray(0, bytesRead);
};
