import { WaybillError } from "#core/errors.ts";

/** The fields of one 512-byte header block that matter; names are the raw bytes up to the first NUL. */
export interface TarHeader {
  readonly name: Uint8Array;
  readonly linkName: Uint8Array;
  readonly size: number;
  readonly mode: number;
  /** The type flag as a character; NUL for old archives. */
  readonly flag: string;
  /** Old GNU archives keep other things where ustar has the prefix, and a sparse map of their own. */
  readonly gnu: boolean;
}

export const BLOCK = 512;

/**
 * Reads a header block: v7, ustar, star or GNU, by its magic (POSIX.1-2017 pax, "ustar Interchange Format"; GNU tar manual,
 * "Basic Tar Format"). Throws IMAGE_REFUSED for a wrong checksum or a size that is no size.
 */
export const readTarHeader = (block: Uint8Array, where: string): TarHeader => {
  checkSum(block, where);
  const magic = ascii(block, 257, 265);
  const size = readNumber(block, 124, 136, "size", where);
  return {
    name: readName(block, magic),
    linkName: cut(block, 157, 257),
    size,
    mode: readMode(block),
    flag: String.fromCharCode(block[156] ?? 0),
    gnu: magic === "ustar  \0",
  };
};

export const isZeroBlock = (block: Uint8Array): boolean => {
  for (const byte of block) if (byte !== 0) return false;
  return true;
};

/**
 * An octal number, or a base-256 one where the first bit is set (GNU, star). Throws IMAGE_REFUSED for a negative one, for
 * one beyond 2^53 and for other characters.
 */
export const readNumber = (block: Uint8Array, start: number, end: number, what: string, where: string): number => {
  const first = block[start] ?? 0;
  const value = first >= 0x80 ? readBase256(block, start, end) : readOctal(block, start, end);
  if (!Number.isSafeInteger(value) || value < 0)
    throw new WaybillError("IMAGE_REFUSED", `${where}: a tar header has an impossible ${what}`);
  return value;
};

const readBase256 = (block: Uint8Array, start: number, end: number): number => {
  const first = block[start] ?? 0;
  // The second bit is the sign of a two's complement number.
  if ((first & 0x40) !== 0) return -1;
  let value = first & 0x3f;
  for (let at = start + 1; at < end; at++) value = value * 256 + (block[at] ?? 0);
  return value;
};

const readOctal = (block: Uint8Array, start: number, end: number): number => {
  const text = ascii(block, start, end).replaceAll(/^[ \0]+|[ \0]+$/g, "");
  if (text === "") return 0;
  return /^[0-7]+/.test(text) && /^[0-7]+(?:\0|$)/.test(text) ? Number.parseInt(text, 8) : Number.NaN;
};

// Permissions decide nothing that an unreadable mode could endanger; old writers put nonsense there.
const readMode = (block: Uint8Array): number => {
  const first = block[100] ?? 0;
  const value = first >= 0x80 ? readBase256(block, 100, 108) : readOctal(block, 100, 108);
  return Number.isSafeInteger(value) && value >= 0 ? value & 0o7777 : 0;
};

const readName = (block: Uint8Array, magic: string): Uint8Array => {
  const name = cut(block, 0, 100);
  if (!magic.startsWith("ustar\0")) return name;
  // star keeps times behind a shorter prefix and ends the block with its own mark.
  const prefix = cut(block, 345, ascii(block, 508, 512) === "tar\0" ? 476 : 500);
  return prefix.byteLength === 0 ? name : Buffer.concat([prefix, Buffer.from("/"), name]);
};

// Some old writers added signed bytes; both sums are in the wild. The checksum field counts as eight blanks.
const checkSum = (block: Uint8Array, where: string): void => {
  let unsigned = 8 * 0x20;
  let signed = unsigned;
  for (let at = 0; at < BLOCK; at++) {
    if (at === 148) at = 156;
    const byte = block[at] ?? 0;
    unsigned += byte;
    signed += byte > 0x7f ? byte - 256 : byte;
  }
  const stated = readOctal(block, 148, 156);
  if (stated !== unsigned && stated !== signed)
    throw new WaybillError("IMAGE_REFUSED", `${where}: a tar header has a wrong checksum, or this is no tar archive`);
};

const cut = (block: Uint8Array, start: number, end: number): Uint8Array => {
  const nul = block.indexOf(0, start);
  // A copy: the block belongs to a chunk that is gone when the name is used.
  return block.slice(start, nul === -1 || nul > end ? end : nul);
};

const ascii = (block: Uint8Array, start: number, end: number): string =>
  Buffer.from(block.buffer, block.byteOffset + start, end - start).toString("latin1");
