/** One thing to put into a tar archive. Paths are relative to the archive's root, without leading or trailing slash. */
export type TarSource = TarPlace & (TarFile | TarLink | { readonly type: "directory" });

export interface TarPlace {
  readonly path: string;
  /** Permission bits, with setuid, setgid and sticky. */
  readonly mode: number;
}

export interface TarFile {
  readonly type: "file";
  /** Bytes that `open` gives. */
  readonly size: number;
  readonly open: () => AsyncIterable<Uint8Array>;
}

interface TarLink {
  readonly type: "symlink" | "hardlink";
  /** Symlink: the target as written. Hardlink: the path of a file that sorts earlier in the same archive. */
  readonly linkTarget: string;
}
