/** Reads the fields of a binary header; offsets in bytes. Out of range is the caller's fault. */
export interface FieldReader {
  readonly half: (at: number) => number;
  readonly int: (at: number) => number;
  /** An address of the file's own width. */
  readonly address: (at: number) => bigint;
  /** A file offset or size of the file's own width; undefined beyond 2^53. */
  readonly word: (at: number) => number | undefined;
}

export const fieldReader = (bytes: Buffer, wide: boolean, big: boolean): FieldReader => {
  const int = (at: number): number => (big ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at));
  const address = (at: number): bigint => {
    if (!wide) return BigInt(int(at));
    return big ? bytes.readBigUInt64BE(at) : bytes.readBigUInt64LE(at);
  };
  return {
    half: (at) => (big ? bytes.readUInt16BE(at) : bytes.readUInt16LE(at)),
    int,
    address,
    word: (at) => {
      const value = Number(address(at));
      return Number.isSafeInteger(value) ? value : undefined;
    },
  };
};
