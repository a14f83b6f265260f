import { constants, gzipSync, zstdCompressSync } from "node:zlib";
import { decompress } from "#archive/decompress.ts";
import { INFLATE_LIMITS } from "#archive/inflateLimits.ts";
import { hasCode } from "#core/errors.ts";
import type { WaybillError } from "#core/errors.ts";
import type { FuzzTarget } from "../fuzzTarget.ts";
import { mutateBytes, oddNumber } from "../mutateBytes.ts";
import { below, pick } from "../seededRandom.ts";
import type { Random } from "../seededRandom.ts";

const LIMITS = { ...INFLATE_LIMITS, maxBytes: 8 * 1024 * 1024, ratioFrom: 1024 * 1024, maxWindow: 8 * 1024 * 1024 };

const skippable = (bytes: number): Buffer => {
  const frame = Buffer.alloc(8 + bytes, 0x55);
  frame.writeUInt32LE(0x184d2a50, 0);
  frame.writeUInt32LE(bytes, 4);
  return frame;
};
const checked = { params: { [constants.ZSTD_c_checksumFlag]: 1 } };
const words = Buffer.from("the quick brown fox jumps over the lazy dog ".repeat(40));

const seeds = (): readonly Uint8Array[] => [
  zstdCompressSync(words),
  Buffer.concat([zstdCompressSync(words, checked), skippable(30), zstdCompressSync(Buffer.alloc(5000)), skippable(0)]),
  Buffer.concat([skippable(3), zstdCompressSync(Buffer.alloc(0)), zstdCompressSync(words.subarray(0, 100))]),
  gzipSync(words),
  Buffer.concat([gzipSync(words), gzipSync("second"), Buffer.alloc(512)]),
];

/** Gives the pieces of the input with `step` bytes each. */
async function* cut(bytes: Uint8Array, step: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step);
}

const inflated = async (bytes: Uint8Array, step: number): Promise<Buffer | WaybillError> => {
  const chunks: Buffer[] = [];
  try {
    const job = { what: "layer", size: bytes.length, limits: LIMITS };
    for await (const chunk of decompress(cut(bytes, step), job, () => undefined)) chunks.push(Buffer.from(chunk));
  } catch (thrown) {
    if (hasCode(thrown, "IMAGE_REFUSED", "LIMIT_EXCEEDED")) return thrown;
    throw thrown;
  }
  return Buffer.concat(chunks);
};

/** Changes the fields of a frame's or member's header, lays frames one behind another, or puts bytes between them. */
const mutate = (random: Random, seed: Uint8Array): Uint8Array => {
  const bytes = Buffer.from(seed);
  const header = (): Buffer => {
    bytes[4 + below(random, Math.min(bytes.length - 4, 12))] = below(random, 256);
    return bytes;
  };
  const size = (): Buffer => {
    const at = 4 + below(random, Math.min(bytes.length - 8, 24));
    bytes.writeUInt32LE(oddNumber(random, bytes.length), at);
    return bytes;
  };
  const behind = (): Buffer => Buffer.concat([bytes, mutateBytes(random, seed)]);
  const between = (): Buffer => {
    const at = below(random, bytes.length);
    const piece = pick(random, [skippable(below(random, 40)), Buffer.alloc(below(random, 9)), bytes.subarray(0, at)]);
    return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
  };
  return pick(random, [header, size, behind, between])();
};

export const target: FuzzTarget = {
  name: "compressed",
  seeds,
  mutate,
  run: async (bytes) => {
    const whole = await inflated(bytes, bytes.length + 1);
    const inPieces = await inflated(bytes, 61);
    // A decoder that stops early stops at the end of a piece (a silently short layer); one that refuses does so either way.
    const same =
      Buffer.isBuffer(whole) && Buffer.isBuffer(inPieces)
        ? whole.equals(inPieces)
        : Buffer.isBuffer(whole) === Buffer.isBuffer(inPieces);
    if (!same)
      throw new TypeError(`read at once ${String(whole).slice(0, 200)}, in pieces ${String(inPieces).slice(0, 200)}`);
    if (!Buffer.isBuffer(whole)) throw whole;
  },
};
