import { keepFacts } from "#sbom/keptFacts.ts";
import type { ArchiveFacts } from "#sbom/java/archiveFacts.ts";
import { ARCHIVE_LIMITS } from "#sbom/java/archiveLimits.ts";
import { readJarLicenses } from "#sbom/java/readJarLicenses.ts";
import { readPom } from "#sbom/java/readPom.ts";
import { readPomProperties } from "#sbom/java/readPomProperties.ts";
import { resolvePom } from "#sbom/java/resolvePom.ts";
import type { Reducer } from "#sbom/cataloger.ts";
import { reduceWhole } from "#sbom/reduceWhole.ts";

const PAPER = /^(.*\/)?META-INF\/maven\/[^/]{1,200}\/[^/]{1,200}\/pom\.(?:properties|xml)$/;

/**
 * The directory, with its slash, into which an archive was unpacked that had this paper; undefined for other files. Buildpacks,
 * Jib and application servers unpack what they start.
 */
export const unpackedHome = (path: string): string | undefined =>
  path.endsWith("/pom.properties") || path.endsWith("/pom.xml") ? withEmpty(PAPER.exec(path)) : undefined;

const withEmpty = (found: RegExpExecArray | null): string | undefined =>
  found === null ? undefined : (found[1] ?? "");

/** Keeps what an unpacked archive's paper says, as `ArchiveFacts`; nothing where it does not name a version. */
export const unpackedReducer = (path: string, announced: number): Reducer =>
  reduceWhole(announced, ARCHIVE_LIMITS.maxText, "Maven project", path.endsWith(".xml") ? reducePom : reduceProperties);

const reduceProperties = (bytes: Buffer): Uint8Array | undefined => {
  const { group, artifact, version } = readPomProperties(bytes);
  if (group === undefined || artifact === undefined || version === undefined) return undefined;
  const from = "pom.properties";
  return keep({ path: "", group, artifact, version, groupFrom: from, nameFrom: from, licenses: [], dependencies: [] });
};

const reducePom = (bytes: Buffer): Uint8Array | undefined => {
  const pom = resolvePom(readPom(bytes), () => undefined);
  const { group, artifact, version, dependencies } = pom;
  if (group === undefined || artifact === undefined || version === undefined) return undefined;
  const licenses = readJarLicenses(pom, new Map());
  return keep({
    path: "",
    group,
    artifact,
    version,
    groupFrom: "pom.xml",
    nameFrom: "pom.xml",
    ...licenses,
    dependencies,
  });
};

const keep = (artifact: ArchiveFacts["artifacts"][number]): Uint8Array =>
  keepFacts({ artifacts: [artifact], gaps: [] });
