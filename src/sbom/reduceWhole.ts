import { WaybillError } from "#core/errors.ts";
import type { Reducer } from "#sbom/cataloger.ts";

/**
 * Collects a file and keeps what `reduce` makes of it. LIMIT_EXCEEDED names `what` when it has more than `cap` bytes;
 * nothing is collected of a file that announces as much (`announced`: the size in its header).
 */
export const reduceWhole = (
  announced: number,
  cap: number,
  what: string,
  reduce: (bytes: Buffer) => Uint8Array | undefined,
): Reducer => {
  let chunks: Buffer[] = [];
  let size = announced > cap ? announced : 0;
  return {
    write: (chunk) => {
      size += chunk.byteLength;
      if (size <= cap) {
        chunks.push(Buffer.from(chunk));
        return true;
      }
      chunks = [];
      return false;
    },
    end: () => {
      if (size > cap) throw new WaybillError("LIMIT_EXCEEDED", `${what} of more than ${cap} bytes`);
      return reduce(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, size));
    },
  };
};
