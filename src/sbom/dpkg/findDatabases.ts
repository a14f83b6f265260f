import type { CapturedFile } from "#sbom/cataloger.ts";
import { locateDpkgFile } from "#sbom/dpkg/locateDpkgFile.ts";
import type { DpkgFile } from "#sbom/dpkg/locateDpkgFile.ts";

/** A list of files that a package brought. */
export interface DpkgFileList {
  readonly file: CapturedFile;
  readonly kind: "list" | "md5sums" | "conffiles";
}

/** What one root file system holds of dpkg's and chisel's files. */
export interface DpkgDatabase {
  /** "" for the image's own, `srv/chroot/` for one inside it. */
  readonly root: string;
  /** /var/lib/dpkg/status and the files of status.d. */
  readonly statusFiles: readonly CapturedFile[];
  /** By package name, with `:architecture` where dpkg writes it; those of status.d by the path of the stanza. */
  readonly fileLists: ReadonlyMap<string, readonly DpkgFileList[]>;
  /** apt's memory of what was asked for and what came along. */
  readonly extendedStates: CapturedFile | undefined;
  /** As `readChiselManifest` left them. */
  readonly manifests: readonly CapturedFile[];
}

interface Growing extends DpkgDatabase {
  readonly statusFiles: CapturedFile[];
  readonly fileLists: Map<string, DpkgFileList[]>;
  extendedStates: CapturedFile | undefined;
  readonly manifests: CapturedFile[];
}

/** Sorts captured files into the databases they belong to (reference 4.13: a chroot's packages are not the image's). */
export const findDatabases = (files: readonly CapturedFile[]): readonly DpkgDatabase[] => {
  const databases = new Map<string, Growing>();
  for (const file of files) {
    const place = locateDpkgFile(file.path);
    if (place === undefined || place.kind === "copyright") continue;
    const database = databases.get(place.root) ?? emptyDatabase(place.root);
    databases.set(place.root, database);
    addFile(database, place, file);
  }
  return [...databases.values()];
};

const emptyDatabase = (root: string): Growing => ({
  root,
  statusFiles: [],
  fileLists: new Map(),
  extendedStates: undefined,
  manifests: [],
});

const addFile = (database: Growing, place: DpkgFile, file: CapturedFile): void => {
  if (place.kind === "extended-states") database.extendedStates = file;
  else if (place.kind === "manifest") database.manifests.push(file);
  else if (place.kind === "status" || place.kind === "stanza") database.statusFiles.push(file);
  else if ("package" in place && place.kind !== "copyright") {
    const lists = database.fileLists.get(place.package);
    if (lists === undefined) database.fileLists.set(place.package, [{ file, kind: place.kind }]);
    else lists.push({ file, kind: place.kind });
  }
};
