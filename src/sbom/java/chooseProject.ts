import { symbolicName } from "#sbom/java/findGroup.ts";
import type { JarManifest } from "#sbom/java/readJarManifest.ts";
import type { JarProject } from "#sbom/java/readProjects.ts";
import { splitJarName } from "#sbom/java/splitJarName.ts";

/**
 * Which of an archive's Maven projects it is itself; undefined where all are folded into something else. The file's name
 * decides, then what the manifest says, then which project needs the others.
 */
export const chooseProject = (
  fileName: string,
  manifest: JarManifest,
  projects: readonly JarProject[],
): JarProject | undefined =>
  byFileName(fileName, projects) ??
  (projects.length === 1 ? projects.find((one) => fits(fileName, manifest, one)) : undefined) ??
  only(projects.filter((one) => isNamed(manifest, one))) ??
  byMainClass(manifest, projects) ??
  byDependencies(projects);

const byFileName = (fileName: string, projects: readonly JarProject[]): JarProject | undefined => {
  const dot = fileName.lastIndexOf(".");
  const stem = dot > 0 ? fileName.slice(0, dot) : fileName;
  const named = splitJarName(fileName).artifact;
  const longest = projects.toSorted((a, b) => b.artifact.length - a.artifact.length);
  return (
    longest.find(({ artifact, version }) => version !== undefined && begins(stem, `${artifact}-${version}`)) ??
    longest.find(({ artifact }) => artifact === stem) ??
    longest.find(({ artifact }) => artifact === named)
  );
};

const begins = (stem: string, full: string): boolean =>
  stem.startsWith(full) && /^(?:[-_.]|$)/.test(stem.slice(full.length));

// A lone pom in a file of another name: the file was renamed (its name has no version, or the pom's), or the pom is that of a
// library within.
const fits = (fileName: string, manifest: JarManifest, project: JarProject): boolean => {
  const { version } = splitJarName(fileName);
  const { version: own } = project;
  if (isNamed(manifest, project) || version === undefined) return true;
  return own !== undefined && (version === own || version.startsWith(`${own}-`) || own.startsWith(version));
};

const isNamed = (manifest: JarManifest, { group, artifact }: JarProject): boolean => {
  const symbolic = symbolicName(manifest);
  return (
    manifest.get("implementation-title") === artifact ||
    symbolic === artifact ||
    symbolic === `${group}.${artifact}` ||
    manifest.get("bundle-name") === artifact
  );
};

const byMainClass = (manifest: JarManifest, projects: readonly JarProject[]): JarProject | undefined => {
  const main = manifest.get("start-class") ?? manifest.get("main-class") ?? "";
  return only(projects.filter(({ group }) => main.startsWith(`${group}.`)));
};

// The program needs the libraries; nothing that is in it needs the program.
const byDependencies = (projects: readonly JarProject[]): JarProject | undefined => {
  const nameOf = (one: { readonly group: string; readonly artifact: string }): string => `${one.group}:${one.artifact}`;
  const names = new Set(projects.map(nameOf));
  const needed = new Set(projects.flatMap(({ pom }) => pom?.dependencies.map(nameOf) ?? []));
  return only(
    projects.filter(
      (one) => !needed.has(nameOf(one)) && one.pom?.dependencies.some((dependency) => names.has(nameOf(dependency))),
    ),
  );
};

const only = <T>(items: readonly T[]): T | undefined => (items.length === 1 ? items[0] : undefined);
