/** What a marker of the OCI image-spec (layer, "Whiteouts") asks for. */
export type Whiteout =
  | { readonly kind: "hide"; readonly directory: string; readonly name: string }
  | { readonly kind: "opaque"; readonly directory: string }
  | { readonly kind: "bookkeeping" }
  /** A whiteout without a name: containerd refuses the layer. It must not remove the directory (stereoscope#647). */
  | { readonly kind: "bare" };

const PREFIX = ".wh.";
const OPAQUE = ".wh..wh..opq";
// What AUFS keeps for itself; other names that begin like that are plain whiteouts.
const BOOKKEEPING = new Set([".wh..wh.plnk", ".wh..wh.aufs", ".wh..wh.orph"]);

/** True for an entry that is a marker and no file, whatever its type. */
export const isMarker = (path: string): boolean => path.startsWith(PREFIX, path.lastIndexOf("/") + 1);

/** Reads a marker's path. */
export const readWhiteout = (path: string): Whiteout => {
  const slash = path.lastIndexOf("/");
  const directory = path.slice(0, Math.max(slash, 0));
  const base = path.slice(slash + 1);
  if (base === OPAQUE) return { kind: "opaque", directory };
  if (BOOKKEEPING.has(base)) return { kind: "bookkeeping" };
  const name = base.slice(PREFIX.length);
  // `.wh..` and `.wh...` name the directory itself and its parent.
  return name === "" || name === "." || name === ".." ? { kind: "bare" } : { kind: "hide", directory, name };
};
