/** One entry of a zip archive, as its header states it: nothing here is checked against the content. */
export interface ZipEntry {
  /** As written, decoded as UTF-8; a directory's ends with a slash. */
  readonly name: string;
  /** APPNOTE 4.4.5: 0 = stored, 8 = deflated; others are not read. */
  readonly method: number;
  readonly encrypted: boolean;
  readonly compressedSize: number;
  readonly size: number;
  /** Of the local header, from the first byte of the archive's buffer. */
  readonly offset: number;
}

/** A zip archive's list of entries. */
export interface ZipDirectory {
  readonly entries: readonly ZipEntry[];
  /** Why the list was made from the local headers and may be short; undefined where the archive has its central directory. */
  readonly damage: string | undefined;
}
