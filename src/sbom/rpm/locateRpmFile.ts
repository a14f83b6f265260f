/** What a path means to rpm; `root` is the file system it belongs to: "" for the image's, `srv/chroot/` for one inside. */
export interface RpmFile {
  readonly kind: "sqlite" | "log" | "hash" | "ndb" | "manifest";
  readonly root: string;
}

const NAMES: ReadonlyMap<string, RpmFile["kind"]> = new Map([
  ["rpmdb.sqlite", "sqlite"],
  ["rpmdb.sqlite-wal", "log"],
  ["Packages", "hash"],
  ["Packages.db", "ndb"],
  ["container-manifest-2", "manifest"],
]);
// Fedora 36 and SUSE moved the database under /usr, where the whole system is exchanged; rpm-ostree has it in share.
const DATABASE = /^(.*\/)?(?:var\/lib|usr\/lib\/sysimage|usr\/share)\/rpm\/[^/]+$/;
const MANIFEST = /^(.*\/)?var\/lib\/rpmmanifest\/[^/]+$/;

/** Tells what a path is by its name alone; undefined for what is of no interest. Called for every entry of an image. */
export const locateRpmFile = (path: string): RpmFile | undefined => {
  const kind = NAMES.get(path.slice(path.lastIndexOf("/") + 1));
  if (kind === undefined) return undefined;
  const [whole, root = ""] = (kind === "manifest" ? MANIFEST : DATABASE).exec(path) ?? [];
  return whole === undefined ? undefined : { kind, root };
};
