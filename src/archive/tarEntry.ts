/** Kinds of tar entries that matter in a layer; devices and fifos are `other`. */
export type EntryType = "file" | "directory" | "symlink" | "hardlink" | "other";

/** One entry's header. */
export interface TarEntry {
  /** Normalised: no leading or trailing slash, no `.`, `..` clamped to the root; "" is the root itself. */
  readonly path: string;
  readonly type: EntryType;
  /** Bytes of content that follow (0 for links and directories); for sparse files the size with its holes filled. */
  readonly size: number;
  /** Permission bits. */
  readonly mode: number;
  /** Symlink: the target as written. Hardlink: the normalised path of an entry earlier in this layer, or of one below. */
  readonly linkTarget: string | undefined;
  /** True when the name tried to leave the root. */
  readonly escaped: boolean;
}

/** Takes one entry's content as it streams by. */
export interface EntrySink {
  /** The next chunk, valid only during the call; false when no more is wanted. */
  readonly write: (chunk: Uint8Array) => boolean;
  /** The content is complete. Not called where the archive fails before that. */
  readonly end: () => void;
}

/** Is shown an archive's entries in their order. */
export interface TarVisitor {
  /** Once per entry; a sink for its content, or undefined to skip it. */
  readonly visit: (entry: TarEntry) => EntrySink | undefined;
  /** Something in the archive that was left out: an entry skipped, or only its content. */
  readonly notice: (path: string, reason: string) => void;
}
