import type { ZipEntry } from "#archive/zipEntry.ts";
import { WaybillError } from "#core/errors.ts";
import type { ArtifactFacts } from "#sbom/java/archiveFacts.ts";
import type { ArchiveLimits } from "#sbom/java/archiveLimits.ts";
import { chooseProject } from "#sbom/java/chooseProject.ts";
import { mainPackage } from "#sbom/java/mainPackage.ts";
import { nameJar } from "#sbom/java/nameJar.ts";
import type { OpenArchive } from "#sbom/java/openArchive.ts";
import { plainText } from "#sbom/plainText.ts";
import { readJarLicenses } from "#sbom/java/readJarLicenses.ts";
import { readJarManifest } from "#sbom/java/readJarManifest.ts";
import type { JarManifest } from "#sbom/java/readJarManifest.ts";
import { readProjects } from "#sbom/java/readProjects.ts";
import type { JarProject } from "#sbom/java/readProjects.ts";

/** The packages that one archive is and was made of, its own first where it is one. */
export interface ReadArtifacts {
  readonly own: ArtifactFacts | undefined;
  readonly embedded: readonly ArtifactFacts[];
  /** Why it is left out with all that is in it. */
  readonly skipped?: string;
}

const MANIFEST = "META-INF/MANIFEST.MF";

/** Reads one archive's papers, not the archives in it. `note` is told of papers that cannot be read. */
export const readArtifacts = (
  archive: OpenArchive,
  fileName: string,
  limits: ArchiveLimits,
  note: (path: string, error: WaybillError) => void,
): ReadArtifacts => {
  const manifest = findManifest(archive, limits, note);
  // New Relic's agent carries one for each version of each library that it can instrument; none of them is that library.
  if (manifest.has("weave-classes"))
    return { own: undefined, embedded: [], skipped: "instrumentation of a library (Weave-Classes), not the library" };
  // rt.jar, jrt-fs.jar and the like are the Java runtime, which is found by its release file.
  if (manifest.get("implementation-title") === "Java Runtime Environment") return { own: undefined, embedded: [] };
  const projects = readProjects(archive, limits, note);
  const main = chooseProject(fileName, manifest, projects);
  const own = main === undefined ? nameless(archive, fileName, manifest, projects) : describe(main, "", manifest);
  const embedded = projects
    .filter((project) => project !== main)
    .map((project) => ({ ...describe(project, project.directory, NONE), embedded: true as const }));
  return { own, embedded };
};

const NONE: JarManifest = new Map();

const findManifest = (
  archive: OpenArchive,
  limits: ArchiveLimits,
  note: (path: string, error: WaybillError) => void,
): JarManifest => {
  const entry = archive.entries.findLast(isManifest);
  if (entry === undefined) return NONE;
  try {
    return readJarManifest(archive.read(entry, limits.maxText));
  } catch (error) {
    if (!(error instanceof WaybillError)) throw error;
    note(entry.name, error);
    return NONE;
  }
};

// Java looks for it without regard to case; of entries with one name it takes the last.
const isManifest = ({ name }: ZipEntry): boolean =>
  name.length === MANIFEST.length && (name === MANIFEST || name.toUpperCase() === MANIFEST);

const describe = (project: JarProject, path: string, manifest: JarManifest): ArtifactFacts => {
  const { group, artifact, version, from, pom } = project;
  return {
    path,
    group,
    artifact,
    ...(version === undefined ? {} : { version }),
    groupFrom: from,
    nameFrom: from,
    ...readJarLicenses(pom, manifest),
    ...describeOrigin(project, manifest),
    dependencies: pom?.dependencies ?? [],
  };
};

const describeOrigin = (
  project: JarProject | undefined,
  manifest: JarManifest,
): Pick<Partial<ArtifactFacts>, "supplier" | "description" | "homepage"> => {
  const pom = project?.pom;
  const supplier = plainText(
    pom?.organization ?? manifest.get("implementation-vendor") ?? manifest.get("bundle-vendor"),
    200,
  );
  const description = plainText(pom?.description ?? manifest.get("bundle-description"), 500);
  const homepage = plainText(pom?.url ?? manifest.get("bundle-docurl"), 500);
  return {
    ...(supplier === undefined ? {} : { supplier }),
    ...(description === undefined ? {} : { description }),
    ...(homepage === undefined || !/^https?:\/\/\S+$/.test(homepage) ? {} : { homepage }),
  };
};

// An archive without a pom of its own is a package where it holds classes, or where its name has a version; one with
// neither, such as a bundle of pictures, has nothing that says what it is.
const nameless = (
  archive: OpenArchive,
  fileName: string,
  manifest: JarManifest,
  projects: readonly JarProject[],
): ArtifactFacts | undefined => {
  const named = nameJar(fileName, manifest, () => mainPackage(archive.entries));
  const hasClasses = archive.entries.some(({ name }) => name.endsWith(".class"));
  if (named.version === undefined && !hasClasses && (projects.length > 0 || manifest.size === 0)) return undefined;
  return {
    path: "",
    ...named,
    ...readJarLicenses(undefined, manifest),
    ...describeOrigin(undefined, manifest),
    dependencies: [],
  };
};
