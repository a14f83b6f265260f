import type { FileRange } from "#sbom/executable/program.ts";

/** Collects one stretch of a file that streams by. */
export interface RangeCollector {
  readonly add: (chunk: Buffer, position: number) => void;
  /** The bytes of a stretch, where all of them were collected. */
  readonly bytesAt: (range: FileRange) => Buffer | undefined;
}

/** Nothing is allocated before its bytes are there: an announced size is a stranger's word. */
export const rangeCollector = ({ offset, size }: FileRange): RangeCollector => {
  let chunks: Buffer[] = [];
  let length = 0;
  const joined = (): Buffer => {
    const all = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, length);
    chunks = [all];
    return all;
  };
  return {
    add: (chunk, position) => {
      const from = Math.max(0, offset + length - position);
      if (from >= chunk.length || length === size) return;
      const piece = chunk.subarray(from, Math.max(from, offset + size - position));
      chunks.push(Buffer.from(piece));
      length += piece.length;
    },
    bytesAt: (range) => {
      const start = range.offset - offset;
      return start < 0 || start + range.size > length ? undefined : joined().subarray(start, start + range.size);
    },
  };
};
