import type { GroupSource } from "#sbom/java/archiveFacts.ts";
import { groupOfArtifact, groupOfPackage } from "#sbom/java/knownGroups.ts";
import type { JarManifest } from "#sbom/java/readJarManifest.ts";
import { plainWord } from "#sbom/java/plainWord.ts";

/** A group and how it became known. */
export interface FoundGroup {
  readonly group: string;
  readonly from: GroupSource;
}

/**
 * The Maven group of an archive without pom: what is known of the artifact or of its Java package, what the manifest states,
 * else a guess. `mainPackage` is that of its classes.
 */
export const findGroup = (
  { artifact, version }: { readonly artifact: string; readonly version: string | undefined },
  manifest: JarManifest,
  mainPackage: string,
): FoundGroup | undefined => {
  const stated = plainWord(manifest.get("group-id"));
  if (stated !== undefined) return { group: stated, from: "manifest" };
  const known =
    groupOfArtifact(artifact, version) ??
    groupOfPackage(mainPackage === "" ? moduleName(manifest) : mainPackage, version);
  if (known !== undefined) return { group: known, from: "well-known package" };
  const symbolic = symbolicName(manifest);
  const qualified = symbolic === undefined ? undefined : withoutArtifact(symbolic, artifact);
  if (qualified !== undefined) return { group: qualified, from: "manifest" };
  const vendor = plainWord(manifest.get("implementation-vendor-id"));
  if (vendor?.includes(".") === true) return { group: vendor, from: "manifest" };
  return guess(artifact, symbolic, mainPackage);
};

/** Bundle-SymbolicName without its directives (OSGi Core 3.2.1), or undefined. */
export const symbolicName = (manifest: JarManifest): string | undefined =>
  plainWord(manifest.get("bundle-symbolicname")?.split(";")[0]);

const moduleName = (manifest: JarManifest): string => plainWord(manifest.get("automatic-module-name")) ?? "";

// `com.fasterxml.jackson.core.jackson-databind` and `org.apache.commons.commons-io` name the group before the artifact.
const withoutArtifact = (symbolic: string, artifact: string): string | undefined => {
  const group = symbolic.endsWith(`.${artifact}`) ? symbolic.slice(0, -artifact.length - 1) : "";
  return isTooShort(group) ? undefined : group;
};

// Owners of many projects: such a name alone is no project's group.
const SHARED: ReadonlySet<string> = new Set(
  "com.amazon com.github com.google com.ibm com.microsoft com.sun io.github net.sourceforge org.apache org.codehaus org.eclipse".split(
    " ",
  ),
);

const isTooShort = (group: string): boolean => !group.includes(".") || SHARED.has(group);

const guess = (artifact: string, symbolic: string | undefined, mainPackage: string): FoundGroup | undefined => {
  const group = withoutLastToken(mainPackage, artifact);
  if (group !== "" && !(isTooShort(group) && symbolic?.includes(".") === true))
    return { group, from: "guess from package names" };
  return symbolic?.includes(".") === true
    ? { group: withoutLastToken(symbolic, artifact), from: "guess from symbolic name" }
    : undefined;
};

// `io.micrometer.observation` holds micrometer-observation of io.micrometer.
const withoutLastToken = (name: string, artifact: string): string => {
  const segments = name.split(".").slice(0, 4);
  const shorter = segments.slice(0, -1).join(".");
  const last = segments.at(-1) ?? "";
  return artifact.split(/[-_.]/).includes(last) && !isTooShort(shorter) ? shorter : segments.join(".");
};
