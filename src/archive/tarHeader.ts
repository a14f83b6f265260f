import { WaybillError } from "#core/errors.ts";

/** The fields of one 512-byte header block that matter; names are the raw bytes up to the first NUL, within the block. */
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
  return {
    name: readName(block),
    linkName: cut(block, 157, 257),
    size: readNumber(block, 124, 136, "size", where),
    mode: readMode(block),
    flag: String.fromCharCode(block[156] ?? 0),
    gnu: hasText(block, 257, "ustar  \0"),
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

// Digits with blanks or NULs around them; what stands behind a NUL counts for nothing (Go: archive/tar parseNumeric).
const readOctal = (block: Uint8Array, start: number, end: number): number => {
  let at = start;
  while (at < end && isBlank(block[at])) at++;
  let value = 0;
  for (; at < end; at++) {
    const digit = (block[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 7) break;
    value = value * 8 + digit;
  }
  if (block[at] === 0) return value;
  while (at < end && isBlank(block[at])) at++;
  return at >= end ? value : Number.NaN;
};

const isBlank = (byte: number | undefined): boolean => byte === 0x20 || byte === 0;

// Permissions decide nothing that an unreadable mode could endanger; old writers put nonsense there.
const readMode = (block: Uint8Array): number => {
  const first = block[100] ?? 0;
  const value = first >= 0x80 ? readBase256(block, 100, 108) : readOctal(block, 100, 108);
  return Number.isSafeInteger(value) && value >= 0 ? value & 0o7777 : 0;
};

const readName = (block: Uint8Array): Uint8Array => {
  const name = cut(block, 0, 100);
  if (!hasText(block, 257, "ustar\0")) return name;
  // star keeps times behind a shorter prefix and ends the block with its own mark.
  const prefix = cut(block, 345, hasText(block, 508, "tar\0") ? 476 : 500);
  return prefix.byteLength === 0 ? name : Buffer.concat([prefix, Buffer.from("/"), name]);
};

const words = new Uint32Array(BLOCK / 4);
const wordBytes = new Uint8Array(words.buffer);

// The checksum field counts as eight blanks. Added four bytes at a time: an image may have a million headers.
const checkSum = (block: Uint8Array, where: string): void => {
  wordBytes.set(block);
  wordBytes.fill(0x20, 148, 156);
  let odd = 0;
  let even = 0;
  for (const word of words) {
    odd += (word >>> 8) & 0xff00ff;
    even += word & 0xff00ff;
  }
  const sum = (odd & 0xffff) + (odd >>> 16) + (even & 0xffff) + (even >>> 16);
  const stated = readOctal(block, 148, 156);
  if (stated !== sum && stated !== signedSum(sum))
    throw new WaybillError("IMAGE_REFUSED", `${where}: a tar header has a wrong checksum, or this is no tar archive`);
};

// Some old writers added signed bytes.
const signedSum = (sum: number): number => wordBytes.reduce((total, byte) => (byte > 0x7f ? total - 256 : total), sum);

const cut = (block: Uint8Array, start: number, end: number): Uint8Array => {
  const nul = block.indexOf(0, start);
  return block.subarray(start, nul === -1 || nul > end ? end : nul);
};

const hasText = (block: Uint8Array, at: number, text: string): boolean => {
  for (let index = 0; index < text.length; index++) if (block[at + index] !== text.charCodeAt(index)) return false;
  return true;
};
