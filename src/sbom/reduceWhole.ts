import { freeMemory } from "#archive/freeMemory.ts";
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
  // Memory that nobody writes to costs nothing: an archive that announces more than it holds is refused before.
  let bytes = Buffer.allocUnsafe(announced > cap ? 0 : announced);
  let size = announced > cap ? announced : 0;
  return {
    write: (chunk) => {
      const start = size;
      size += chunk.byteLength;
      if (size > cap) {
        bytes = Buffer.alloc(0);
        return false;
      }
      if (size > bytes.length) bytes = Buffer.concat([bytes.subarray(0, start)], Math.max(size, 2 * bytes.length));
      bytes.set(chunk, start);
      return true;
    },
    end: () => {
      if (size > cap) throw new WaybillError("LIMIT_EXCEEDED", `${what} of more than ${cap} bytes`);
      const kept = reduce(bytes.subarray(0, size));
      if (kept?.buffer !== bytes.buffer) freeMemory(bytes);
      return kept;
    },
  };
};
