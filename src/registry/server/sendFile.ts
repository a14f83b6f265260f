import type { FileHandle } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { finished } from "node:stream/promises";
import { WaybillError } from "#core/errors.ts";

// Two buffers for each transfer, used again and again: new ones for every chunk would be most of the work of a pull, and
// of the memory. Larger ones are no faster.
const BUFFER_BYTES = 256 * 1024;

/** Bytes `start` to `end` (exclusive) of an open file. */
export interface FileSpan {
  readonly file: FileHandle;
  readonly start: number;
  readonly end: number;
}

/** Sends a span of a file as the whole body, one buffer being filled while the other is sent. Throws when either side fails. */
export const sendFile = async (response: ServerResponse, { file, start, end }: FileSpan): Promise<void> => {
  const size = Math.min(BUFFER_BYTES, end - start);
  const buffers = [Buffer.allocUnsafeSlow(size), Buffer.allocUnsafeSlow(size)] as const;
  const gone = finished(response);
  gone.catch(() => undefined);
  let sending: Promise<void> = Promise.resolve();
  for (let [at, turn] = [start, 0]; at < end; turn++) {
    const buffer = buffers[turn % 2 === 0 ? 0 : 1];
    const { bytesRead } = await file.read(buffer, 0, Math.min(size, end - at), at);
    if (bytesRead === 0) throw new WaybillError("SIZE_SHORT", "the file became shorter while it was sent");
    await Promise.race([sending, gone]);
    if (response.destroyed) throw new WaybillError("ABORTED", "the client left");
    sending = sent(response, buffer.subarray(0, bytesRead));
    sending.catch(() => undefined);
    at += bytesRead;
  }
  await Promise.race([sending, gone]);
  response.end();
  await gone;
};

/** Resolves when the system has taken the bytes, and their buffer is free again. */
const sent = (response: ServerResponse, bytes: Uint8Array): Promise<void> =>
  new Promise((resolve, reject) => {
    response.write(bytes, (error) => (error === null || error === undefined ? resolve() : reject(error)));
  });
