import type { CapturedFile } from "#sbom/cataloger.ts";
import { compareText } from "#sbom/compareText.ts";
import { readFacts } from "#sbom/keptFacts.ts";
import type { Unknown } from "#sbom/package.ts";
import { importDirectory, locatePythonFile } from "#sbom/python/locatePythonFile.ts";
import type { PythonFile } from "#sbom/python/locatePythonFile.ts";
import type { CoreMetadata } from "#sbom/python/readCoreMetadata.ts";
import type { DirectUrl } from "#sbom/python/readDirectUrl.ts";
import type { Venv } from "#sbom/python/readVenv.ts";
import { readOrState } from "#sbom/readOrState.ts";

/** What one metadata directory says. */
export interface PythonInstallation {
  /** The metadata directory, or file. */
  readonly directory: string;
  /** Where Python finds the package. */
  readonly site: string;
  /** The file that shows it. */
  readonly file: CapturedFile;
  readonly metadata: CoreMetadata;
  readonly isNamedByDirectory: boolean;
  readonly directUrl: DirectUrl | undefined;
  readonly installer: string | undefined;
  readonly isRequested: boolean;
  /** Undefined where the format has no place for requirements. */
  readonly requires: readonly string[] | undefined;
}

/** All of an image that belongs to Python. */
export interface PythonFiles {
  readonly installations: readonly PythonInstallation[];
  /** By the directory that holds pyvenv.cfg. */
  readonly venvs: ReadonlyMap<string, Venv>;
  /** Lines of .pth files and .egg-links, by the directory that holds them. */
  readonly paths: ReadonlyMap<string, readonly string[]>;
  /** `name version` of copies, by the `_vendor` directory. */
  readonly vendored: ReadonlyMap<string, readonly string[]>;
  readonly machines: ReadonlySet<string>;
}

type ByKind = Partial<Record<PythonFile["kind"], CapturedFile>>;

/** Joins the files of each metadata directory. What cannot be read is stated, and the rest goes on. */
export const collectInstallations = (files: readonly CapturedFile[], unknowns: Unknown[]): PythonFiles => {
  const directories = new Map<string, ByKind>();
  const venvs = new Map<string, Venv>();
  const paths = new Map<string, string[]>();
  let lines = 0;
  const vendored = new Map<string, readonly string[]>();
  const machines = new Set<string>();
  for (const file of files) {
    const located = locatePythonFile(file.path);
    if (located === undefined) continue;
    const { kind, directory } = located;
    const facts = <T extends object>(): T | undefined => readOrState(file, unknowns, (bytes) => readFacts<T>(bytes));
    if (kind === "venv") venvs.set(directory, facts<Venv>() ?? { hasSystemPackages: false });
    else if (kind === "vendored") vendored.set(directory, facts<readonly string[]>() ?? []);
    else if (kind === "pathFile" || kind === "eggLink") {
      const added = facts<readonly string[]>() ?? [];
      lines += added.length;
      if (lines > MAX_LINES) unknowns.push({ ...placeOf(file), reason: `more than ${MAX_LINES} lines of path files` });
      else paths.set(directory, (paths.get(directory) ?? []).concat(added));
    } else if (kind === "wheel") for (const machine of facts<readonly string[]>() ?? []) machines.add(machine);
    else directories.set(directory, { ...directories.get(directory), [kind]: file });
  }
  const installations = [...directories].flatMap(([directory, found]) => join(directory, found, unknowns));
  return { installations: installations.toSorted(newestFormFirst), venvs, paths, vendored, machines };
};

// Of a whole image; honest ones have a dozen.
const MAX_LINES = 10_000;

const placeOf = ({ path, layer }: CapturedFile): { readonly path: string; readonly layer: number } => ({ path, layer });

const join = (directory: string, found: ByKind, unknowns: Unknown[]): readonly PythonInstallation[] => {
  const file = found.metadata ?? found.record;
  const label = directory.slice(directory.lastIndexOf("/") + 1);
  // pip renames what it is about to remove, and Python does not see it any more.
  if (file === undefined || label.startsWith("~")) return [];
  const read = <T extends object>(one: CapturedFile | undefined): T | undefined =>
    one && readOrState(one, unknowns, (bytes) => readFacts<T>(bytes));
  const stated = read<CoreMetadata>(found.metadata);
  const metadata = { ...namedBy(label), ...(stated ?? { licenseClassifiers: [], requires: [] }) };
  return [
    {
      directory,
      site: importDirectory(directory),
      file,
      metadata,
      isNamedByDirectory: stated?.name === undefined,
      directUrl: read<DirectUrl>(found.directUrl),
      installer: read<{ readonly installer?: string }>(found.installer)?.installer,
      isRequested: found.requested !== undefined,
      requires: stated && requiresOf(stated, file.path === directory, read<readonly string[]>(found.requires)),
    },
  ];
};

// As importlib.metadata has it: an egg's own list counts where the metadata has none; distutils' single file has neither.
const requiresOf = (
  { requires }: CoreMetadata,
  isSingleFile: boolean,
  ofEgg: readonly string[] | undefined,
): readonly string[] | undefined => (requires.length > 0 ? requires : isSingleFile ? undefined : (ofEgg ?? []));

// `name-version.dist-info`; in both parts `-` is written `_`.
const namedBy = (label: string): Pick<CoreMetadata, "name" | "version"> => {
  const [, name, version] =
    /^([A-Za-z0-9][A-Za-z0-9._]{0,200})-([0-9][A-Za-z0-9.+!_]{0,100})\.dist-info$/.exec(label) ?? [];
  return name === undefined || version === undefined ? {} : { name, version };
};

// What pip wrote last comes first: of two forms of one package it knows more.
const newestFormFirst = (a: PythonInstallation, b: PythonInstallation): number =>
  rankOf(a) - rankOf(b) || compareText(a.directory, b.directory);

const rankOf = ({ directory }: PythonInstallation): number => (directory.toLowerCase().endsWith(".dist-info") ? 0 : 1);
