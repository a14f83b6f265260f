import type { Capture } from "#sbom/captureEntry.ts";
import type { LayerScan } from "#sbom/layerScan.ts";

/** A scan whose bytes can be given away. */
export interface PackedScan {
  readonly scan: LayerScan;
  /** All memory that the scan's bytes are in, and nothing else is. */
  readonly buffers: readonly ArrayBuffer[];
}

// Larger buffers are given away as they are: a copy would hold them twice.
const SMALL = 64 * 1024;

/**
 * Puts what was kept in small pieces into one piece of memory: small buffers share theirs with others, and thousands of
 * messages of a few bytes each would cost more than reading the layer.
 */
export const packKept = (scan: LayerScan): PackedScan => {
  const all = scan.captures.flatMap((file) => file.kept.flatMap((one) => ("bytes" in one ? [one.bytes] : [])));
  const memory = new Uint8Array(all.filter(isSmall).reduce((sum, bytes) => sum + bytes.byteLength, 0));
  const buffers = new Set<ArrayBuffer>([memory.buffer]);
  let filled = 0;
  const move = (bytes: Uint8Array): Uint8Array => {
    memory.set(bytes, filled);
    filled += bytes.byteLength;
    return memory.subarray(filled - bytes.byteLength, filled);
  };
  const give = (bytes: Uint8Array): Uint8Array => {
    const moved = ownsMemory(bytes) ? bytes : Uint8Array.from(bytes);
    buffers.add(moved.buffer as ArrayBuffer);
    return moved;
  };
  const pack = (capture: Capture): Capture =>
    "bytes" in capture
      ? { cataloger: capture.cataloger, bytes: isSmall(capture.bytes) ? move(capture.bytes) : give(capture.bytes) }
      : capture;
  const captures = scan.captures.map((file) => ({ ...file, kept: file.kept.map(pack) }));
  const entries = { ...scan.entries, bytes: give(scan.entries.bytes) };
  return { scan: { ...scan, entries, captures }, buffers: [...buffers] };
};

const isSmall = ({ byteLength }: Uint8Array): boolean => byteLength < SMALL;

const ownsMemory = ({ buffer, byteLength }: Uint8Array): boolean =>
  buffer instanceof ArrayBuffer && buffer.byteLength === byteLength;
