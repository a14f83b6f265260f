/** What a path means to dpkg; `root` is the file system it belongs to: "" for the image's, `srv/chroot/` for one inside. */
export type DpkgFile =
  | { readonly kind: "status" | "stanza" | "extended-states" | "manifest"; readonly root: string }
  | {
      readonly kind: "list" | "md5sums" | "conffiles" | "copyright";
      readonly root: string;
      /** For what lies beside a stanza of status.d: the stanza's path. */
      readonly package: string;
    };

const DATABASE =
  /^(.*\/)?(?:var|usr)\/lib\/dpkg\/(?:(status)|status\.d\/([^/]+)|info\/([^/]+)\.(list|md5sums|conffiles))$/;
const COPYRIGHT = /^(.*\/)?usr\/share\/doc\/([^/]+)\/copyright$/;
const MANIFEST = /^(.*\/)?var\/lib\/chisel\/manifest\.wall$/;
const EXTENDED_STATES = /^(.*\/)?var\/lib\/apt\/extended_states$/;
// What distroless and its kin lay beside the stanzas in status.d; package names may hold dots, so no general rule.
const NO_STANZA = /\.(?:md5sums|list|conffiles|triggers|shlibs|symbols|templates|config|(?:pre|post)(?:inst|rm))$/;

/** Tells what a path is by its name alone; undefined for what is of no interest. Called for every entry of an image. */
export const locateDpkgFile = (path: string): DpkgFile | undefined => {
  if (path.endsWith("/copyright")) {
    const [, root = "", name = ""] = COPYRIGHT.exec(path) ?? [];
    return name === "" ? undefined : { kind: "copyright", root, package: name };
  }
  if (path.includes("lib/dpkg/")) return locateDatabase(path);
  // A slice may have it generated anywhere.
  if (path.endsWith("/manifest.wall")) return { kind: "manifest", root: MANIFEST.exec(path)?.[1] ?? "" };
  if (!path.endsWith("/extended_states")) return undefined;
  const [whole, root = ""] = EXTENDED_STATES.exec(path) ?? [];
  return whole === undefined ? undefined : { kind: "extended-states", root };
};

const locateDatabase = (path: string): DpkgFile | undefined => {
  const [, root = "", status, stanza, listed, kind] = DATABASE.exec(path) ?? [];
  if (status !== undefined) return { kind: "status", root };
  if (stanza !== undefined) return locateBesideStanza(path, stanza, root);
  if (listed === undefined) return undefined;
  return { kind: kind as "list" | "md5sums" | "conffiles", root, package: listed };
};

const locateBesideStanza = (path: string, name: string, root: string): DpkgFile | undefined => {
  if (name.endsWith(".md5sums")) return { kind: "md5sums", root, package: path.slice(0, -".md5sums".length) };
  return NO_STANZA.test(name) ? undefined : { kind: "stanza", root };
};
