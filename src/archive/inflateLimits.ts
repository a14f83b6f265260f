/** How far a compressed stream may grow (sbom.md 4.8, attack 28). */
export interface InflateLimits {
  /** Bytes that come out. */
  readonly maxBytes: number;
  /** Bytes out per byte in, of the whole stream, looked at once `ratioFrom` bytes are out: some zeros are honest. */
  readonly maxRatio: number;
  readonly ratioFrom: number;
  /** Bytes of a zstd window, which the decoder allocates. */
  readonly maxWindow: number;
}

export const INFLATE_LIMITS: InflateLimits = {
  maxBytes: 64 * 1024 ** 3,
  // Deflate cannot do more than 1032; real layers stay below 20.
  maxRatio: 200,
  ratioFrom: 256 * 1024 ** 2,
  // What zstd(1) takes without being told to take more.
  maxWindow: 128 * 1024 ** 2,
};
