import { zstdDecompressSync } from "node:zlib";
import { splitZstdFrames } from "#archive/zstdFrames.ts";
import { WaybillError } from "#core/errors.ts";

// Larger windows serve archives of gigabytes; RFC 8878, 3.1.1.1.2 asks decoders for 8 MiB.
const MAX_WINDOW = 8 * 1024 * 1024;

/**
 * A small zstd file, all of its frames, inflated at once. LIMIT_EXCEEDED when it makes more than `cap` bytes, INPUT_INVALID
 * for what is no zstd; `what` names it.
 */
export const inflateZstdWhole = (bytes: Uint8Array, cap: number, what: string): Buffer => {
  const parts: Buffer[] = [];
  let left = cap;
  for (const frame of framesOf(bytes, what)) {
    const part = inflateFrame(frame, left, what);
    left -= part.byteLength;
    if (left < 0) throw new WaybillError("LIMIT_EXCEEDED", `${what} of more than ${cap} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts);
};

const framesOf = (bytes: Uint8Array, what: string): readonly Uint8Array[] => {
  try {
    const splitter = splitZstdFrames(MAX_WINDOW, what);
    const frames = splitter.split(bytes);
    splitter.end();
    return frames;
  } catch (cause) {
    if (!(cause instanceof WaybillError) || cause.code !== "IMAGE_REFUSED") throw cause;
    throw new WaybillError("INPUT_INVALID", cause.message, { cause });
  }
};

const inflateFrame = (frame: Uint8Array, left: number, what: string): Buffer => {
  try {
    return zstdDecompressSync(frame, { maxOutputLength: left + 1 });
  } catch (cause) {
    const isLarge = (cause as { readonly code?: string }).code === "ERR_BUFFER_TOO_LARGE";
    if (isLarge) throw new WaybillError("LIMIT_EXCEEDED", `${what}: inflates to more than is read`, { cause });
    throw new WaybillError("INPUT_INVALID", `${what}: damaged zstd`, { cause });
  }
};
