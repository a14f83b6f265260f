/** A big-endian number of 7 bits a byte, the ninth byte whole (SQLite file format, "varint"). */
export interface Varint {
  /** Of two's complement; inexact beyond 2^53, which no honest size or row of ours reaches. */
  readonly value: number;
  /** Where the next thing begins. */
  readonly end: number;
}

/** Undefined where the bytes end within it. */
export const readVarint = (bytes: Buffer, at: number): Varint | undefined => {
  let value = 0;
  for (let index = 0; index < 8; index++) {
    const byte = bytes[at + index];
    if (byte === undefined) return undefined;
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return { value, end: at + index + 1 };
  }
  return readNine(bytes, at);
};

const readNine = (bytes: Buffer, at: number): Varint | undefined => {
  const last = bytes[at + 8];
  if (last === undefined) return undefined;
  let value = 0n;
  for (let index = 0; index < 8; index++) value = value * 128n + BigInt((bytes[at + index] ?? 0) & 0x7f);
  return { value: Number(BigInt.asIntN(64, value * 256n + BigInt(last))), end: at + 9 };
};
