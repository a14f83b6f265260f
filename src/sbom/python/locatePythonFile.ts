/** What a path means to Python's installers. */
export interface PythonFile {
  readonly kind:
    | "metadata"
    | "directUrl"
    | "installer"
    | "requested"
    | "requires"
    | "wheel"
    | "record"
    | "venv"
    | "pathFile"
    | "eggLink"
    | "vendored";
  /** The metadata directory that holds it (`x.dist-info`), or is it (`x.egg-info` as a file); else the directory it lies in. */
  readonly directory: string;
}

type Kind = PythonFile["kind"];

// Files of a metadata directory: packaging.python.org/specifications/recording-installed-packages, setuptools' formats.
const IN_METADATA: ReadonlyMap<string, Kind> = new Map([
  ["METADATA", "metadata"],
  ["PKG-INFO", "metadata"],
  ["direct_url.json", "directUrl"],
  ["INSTALLER", "installer"],
  ["REQUESTED", "requested"],
  ["requires.txt", "requires"],
  ["WHEEL", "wheel"],
  ["RECORD", "record"],
]);
const METADATA_DIRECTORY = /\.(?:dist|egg)-info$|(?:^|\/)egg-info$/i;
const SITE = /(?:^|\/)(?:site|dist)-packages$/;

/** Tells what a path is by its name alone; undefined for what is of no interest. Called for every entry of an image. */
export const locatePythonFile = (path: string): PythonFile | undefined => {
  const slash = path.lastIndexOf("/");
  const name = path.slice(slash + 1);
  const directory = path.slice(0, Math.max(slash, 0));
  const inMetadata = IN_METADATA.get(name);
  if (inMetadata !== undefined) return METADATA_DIRECTORY.test(directory) ? { kind: inMetadata, directory } : undefined;
  if (name.endsWith(".egg-info")) return { kind: "metadata", directory: path };
  if (name === "pyvenv.cfg") return { kind: "venv", directory };
  if (name === "vendor.txt") return directory.endsWith("/_vendor") ? { kind: "vendored", directory } : undefined;
  if (name.endsWith(".pth")) return SITE.test(directory) ? { kind: "pathFile", directory } : undefined;
  return name.endsWith(".egg-link") && SITE.test(directory) ? { kind: "eggLink", directory } : undefined;
};

/** The directory from which a metadata directory's package is imported. */
export const importDirectory = (metadataDirectory: string): string => {
  const holder = parentOf(metadataDirectory);
  // `x.egg/EGG-INFO`: the egg itself lies in the directory that counts.
  return metadataDirectory.slice(holder.length).replace("/", "").toLowerCase() === "egg-info"
    ? parentOf(holder)
    : holder;
};

const parentOf = (path: string): string => path.slice(0, Math.max(path.lastIndexOf("/"), 0));
