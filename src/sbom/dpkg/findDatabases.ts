import type { CapturedFile } from "#sbom/cataloger.ts";
import { locateDpkgFile } from "#sbom/dpkg/locateDpkgFile.ts";
import type { DpkgFile } from "#sbom/dpkg/locateDpkgFile.ts";

/** What one root file system holds of dpkg's files. */
export interface DpkgDatabase {
  /** "" for the image's own, `srv/chroot/` for one inside it. */
  readonly root: string;
  /** /var/lib/dpkg/status and the files of status.d. */
  readonly statusFiles: readonly CapturedFile[];
  /** File lists by package name, with `:architecture` where dpkg writes it. */
  readonly fileLists: ReadonlyMap<string, { readonly file: CapturedFile; readonly kind: "list" | "md5sums" }>;
  /** apt's memory of what was asked for and what came along. */
  readonly extendedStates: CapturedFile | undefined;
}

interface Growing extends DpkgDatabase {
  readonly statusFiles: CapturedFile[];
  readonly fileLists: Map<string, { readonly file: CapturedFile; readonly kind: "list" | "md5sums" }>;
  extendedStates: CapturedFile | undefined;
}

/** Sorts captured files into the databases they belong to (reference 4.13: a chroot's packages are not the image's). */
export const findDatabases = (files: readonly CapturedFile[]): readonly DpkgDatabase[] => {
  const databases = new Map<string, Growing>();
  for (const file of files) {
    const place = locateDpkgFile(file.path);
    if (place === undefined || place.kind === "copyright") continue;
    const known = databases.get(place.root);
    const database = known ?? { root: place.root, statusFiles: [], fileLists: new Map(), extendedStates: undefined };
    databases.set(place.root, database);
    addFile(database, place, file);
  }
  return [...databases.values()];
};

const addFile = (database: Growing, place: DpkgFile, file: CapturedFile): void => {
  if (place.kind === "extended-states") database.extendedStates = file;
  else if (place.kind === "status" || place.kind === "stanza") database.statusFiles.push(file);
  // `.list` knows links too; `.md5sums` stands in where there is none.
  else if (place.kind === "list" || (place.kind === "md5sums" && !database.fileLists.has(place.package))) {
    database.fileLists.set(place.package, { file, kind: place.kind });
  }
};
