import type { ArtifactFacts } from "#sbom/java/archiveFacts.ts";
import { findGroup, symbolicName } from "#sbom/java/findGroup.ts";
import { plainWord } from "#sbom/java/plainWord.ts";
import type { JarManifest } from "#sbom/java/readJarManifest.ts";
import { splitJarName } from "#sbom/java/splitJarName.ts";
import { tomcatArtifact } from "#sbom/java/tomcatArtifact.ts";

// Bundle-Version before Specification-Version: that of a specification is often the first two numbers only.
const VERSIONS = ["implementation-version", "plugin-version", "bundle-version", "specification-version"] as const;

/** Group, artifact and version of an archive that has no pom of its own: from its file name, manifest and Java packages. */
export const nameJar = (
  fileName: string,
  manifest: JarManifest,
  mainPackage: () => string,
): Pick<ArtifactFacts, "artifact" | "nameFrom"> & Partial<Pick<ArtifactFacts, "group" | "version" | "groupFrom">> => {
  const named = splitJarName(fileName);
  const title = named.version === undefined ? titleOf(manifest) : undefined;
  const plain = title ?? plainWord(named.artifact) ?? named.artifact.replace(/[^0-9A-Za-z_.+~-]+/g, "_");
  const artifact = tomcatArtifact(plain, manifest);
  const version = plainWord(named.version) ?? versionOf(manifest);
  const fromManifest = title !== undefined || (named.version === undefined && version !== undefined);
  const found = findGroup({ artifact, version }, manifest, mainPackage());
  return {
    artifact,
    ...(version === undefined ? {} : { version }),
    ...(found === undefined ? {} : { group: found.group, groupFrom: found.from }),
    nameFrom: fromManifest ? "manifest" : "file name",
  };
};

// A title is prose unless it is made like an artifact's name.
const TITLE = /^[a-z][a-z0-9_]{0,99}-[a-z0-9_-]{1,99}$/;

const titleOf = (manifest: JarManifest): string | undefined =>
  [manifest.get("short-name"), manifest.get("implementation-title"), symbolicName(manifest)].find(
    (text) => text !== undefined && TITLE.test(text),
  );

const versionOf = (manifest: JarManifest): string | undefined =>
  VERSIONS.map((header) => plainWord(manifest.get(header)?.split(" ")[0])).find(
    (version) => version !== undefined && /\d/.test(version),
  );
