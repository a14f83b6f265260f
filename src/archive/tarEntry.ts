/** Kinds of tar entries that matter in a layer; devices and fifos are `other`. */
export type EntryType = "file" | "directory" | "symlink" | "hardlink" | "other";

/** One entry's header. */
export interface TarEntry {
  /** Normalised: no leading or trailing slash, no `.`, `..` clamped to the root; "" is the root itself. */
  readonly path: string;
  readonly type: EntryType;
  /** Bytes of content that follow (0 for links and directories); for sparse files the bytes stored. */
  readonly size: number;
  /** Permission bits. */
  readonly mode: number;
  /** Symlink: the target as written. Hardlink: the normalised path of the earlier entry in the same layer. */
  readonly linkTarget: string | undefined;
  /** True when the name tried to leave the root. */
  readonly escaped: boolean;
}
