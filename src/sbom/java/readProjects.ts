import type { ZipEntry } from "#archive/zipEntry.ts";
import { WaybillError } from "#core/errors.ts";
import type { ArchiveLimits } from "#sbom/java/archiveLimits.ts";
import type { OpenArchive } from "#sbom/java/openArchive.ts";
import { readPom } from "#sbom/java/readPom.ts";
import type { Pom } from "#sbom/java/readPom.ts";
import { plainWord } from "#sbom/java/plainWord.ts";
import { readPomProperties } from "#sbom/java/readPomProperties.ts";
import type { MavenName } from "#sbom/java/readPomProperties.ts";
import { resolvePom } from "#sbom/java/resolvePom.ts";
import type { ResolvedPom } from "#sbom/java/resolvePom.ts";

/** A Maven project whose papers lie in an archive. */
export interface JarProject {
  /** `META-INF/maven/GROUP/ARTIFACT`. */
  readonly directory: string;
  readonly group: string;
  readonly artifact: string;
  readonly version: string | undefined;
  readonly from: "pom.properties" | "pom.xml";
  readonly pom: ResolvedPom | undefined;
}

interface Papers {
  readonly directory: string;
  properties?: MavenName;
  pom?: Pom;
}

const PAPER = /^META-INF\/maven\/([^/]{1,200})\/([^/]{1,200})\/pom\.(properties|xml)$/;

/**
 * The Maven projects that an archive's META-INF/maven tells of, in the order of the archive: its own and those that were
 * folded into it. `note` is told of papers that cannot be read.
 */
export const readProjects = (
  archive: OpenArchive,
  limits: ArchiveLimits,
  note: (path: string, error: WaybillError) => void,
): readonly JarProject[] => {
  const papers = collectPapers(archive, limits, note);
  const findPom = ({ group, artifact }: MavenName): Pom | undefined =>
    papers.get(`META-INF/maven/${group ?? ""}/${artifact ?? ""}`)?.pom;
  return [...papers.values()].flatMap((one) => describeProject(one, findPom) ?? []);
};

const collectPapers = (
  archive: OpenArchive,
  limits: ArchiveLimits,
  note: (path: string, error: WaybillError) => void,
): ReadonlyMap<string, Papers> => {
  const papers = new Map<string, Papers>();
  for (const entry of archive.entries) {
    const found = entry.name.startsWith("META-INF/maven/") ? PAPER.exec(entry.name) : null;
    if (found === null) continue;
    const directory = entry.name.slice(0, entry.name.lastIndexOf("/"));
    const known = papers.get(directory) ?? { directory };
    if (papers.size === limits.maxProjects && !papers.has(directory)) {
      note("META-INF/maven", new WaybillError("LIMIT_EXCEEDED", `more than ${limits.maxProjects} Maven projects`));
      break;
    }
    papers.set(directory, known);
    try {
      readPaper(archive, limits, entry, known);
    } catch (error) {
      if (!(error instanceof WaybillError)) throw error;
      note(entry.name, error);
    }
  }
  return papers;
};

const readPaper = (archive: OpenArchive, limits: ArchiveLimits, entry: ZipEntry, known: Papers): void => {
  const bytes = archive.read(entry, limits.maxText);
  if (entry.name.endsWith(".xml")) known.pom = readPom(bytes);
  else known.properties = readPomProperties(bytes);
};

const describeProject = (
  { directory, properties, pom }: Papers,
  findPom: (name: MavenName) => Pom | undefined,
): JarProject | undefined => {
  const resolved = pom === undefined ? undefined : resolvePom(pom, findPom);
  const [, , namedGroup, namedArtifact] = directory.split("/");
  const group = properties?.group ?? resolved?.group ?? plainWord(namedGroup);
  const artifact = properties?.artifact ?? resolved?.artifact ?? plainWord(namedArtifact);
  if (group === undefined || artifact === undefined) return undefined;
  const version = properties?.version ?? resolved?.version;
  const from = properties?.version === undefined ? "pom.xml" : "pom.properties";
  return { directory, group, artifact, version, from, pom: resolved };
};
