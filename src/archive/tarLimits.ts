/** How much of an archive is read before it is refused; all counts are of one archive. */
export interface TarLimits {
  /** Entries; beyond it LIMIT_EXCEEDED. */
  readonly maxEntries: number;
  /** Bytes of one name; an entry with a longer one is skipped with a notice. */
  readonly maxNameBytes: number;
  /** Bytes of one PAX header, GNU long name or sparse map; beyond it LIMIT_EXCEEDED. */
  readonly maxHeaderBytes: number;
  /** Bytes of a sparse file with its holes filled; a larger one's content is skipped with a notice. */
  readonly maxSparseBytes: number;
}

export const TAR_LIMITS: TarLimits = {
  // Three million files are an image that exists (grype#1509).
  maxEntries: 6_000_000,
  // Linux takes 4096 bytes per path (PATH_MAX) from one call.
  maxNameBytes: 4096,
  maxHeaderBytes: 1024 * 1024,
  maxSparseBytes: 256 * 1024 * 1024,
};
