import type { CapturedFile, Cataloger, Findings, ImageView } from "#sbom/cataloger.ts";
import { firstLayer } from "#sbom/firstLayer.ts";
import { keepFacts, readFacts } from "#sbom/keptFacts.ts";
import { keepWhole } from "#sbom/keepWhole.ts";
import { mergeFindings } from "#sbom/mergeFindings.ts";
import { describePackage } from "#sbom/npm/describePackage.ts";
import { isFixturePath } from "#sbom/isFixturePath.ts";
import { locateNpmFile } from "#sbom/npm/locateNpmFile.ts";
import { readManifest } from "#sbom/npm/readManifest.ts";
import type { NpmManifest } from "#sbom/npm/readManifest.ts";
import { joinPnpProjects } from "#sbom/npm/joinPnpProjects.ts";
import { readPnp } from "#sbom/npm/readPnp.ts";
import { readYarnArchive } from "#sbom/npm/readYarnArchive.ts";
import type { ArchivedPackage } from "#sbom/npm/readYarnArchive.ts";
import { rememberInstalls } from "#sbom/npm/rememberInstalls.ts";
import type { Remember } from "#sbom/npm/rememberInstalls.ts";
import { resolveDependencies } from "#sbom/npm/resolveDependencies.ts";
import type { NpmInstallation } from "#sbom/npm/resolveDependencies.ts";
import type { Package, Unknown } from "#sbom/package.ts";
import { readOrState } from "#sbom/readOrState.ts";
import { reduceWhole } from "#sbom/reduceWhole.ts";

const MAX_MANIFEST = 4 * 1024 * 1024;
const MAX_LOCK = 64 * 1024 * 1024;
const MAX_ARCHIVE = 64 * 1024 * 1024;

/**
 * npm packages: every package.json of an installed package, and of an application. Edges are those that can be resolved
 * on the disk; what a bundler has folded into one file cannot be seen, so they are never called complete (reference 1.7).
 */
export const npm: Cataloger = {
  name: "npm",
  wants: (entry) => {
    const kind = locateNpmFile(entry.path)?.kind;
    if (kind === undefined) return undefined;
    if (kind === "installed" || kind === "application")
      return reduceWhole(entry.size, MAX_MANIFEST, "package.json", reduceManifest);
    if (kind === "archive") return reduceWhole(entry.size, MAX_ARCHIVE, "archive of Yarn's cache", reduceArchive);
    if (kind === "pnp") return reduceWhole(entry.size, MAX_LOCK, ".pnp.cjs", reducePnp);
    return keepWhole(entry.size, MAX_LOCK, "npm lock file");
  },
  catalog: (view) => mergeFindings("incomplete", [catalogImage(view)]),
};

const reduceArchive = (bytes: Buffer): Uint8Array => keepFacts(readYarnArchive(bytes));
const reducePnp = (bytes: Buffer): Uint8Array => keepFacts(readPnp(bytes));
const reduceManifest = (bytes: Buffer): Uint8Array => keepFacts(readManifest(bytes));

const catalogImage = (view: ImageView): Findings => {
  const unknowns: Unknown[] = [];
  const files = view.captured("npm");
  const remember = rememberInstalls(files, unknowns);
  const found = files.flatMap((file) => describeFile(view, file, remember, unknowns));
  const projects = joinPnpProjects(files, unknowns);
  const archived = files.flatMap((file) => (projects.names(file.path) ? describeArchive(view, file, unknowns) : []));
  const real = [...withoutFixtures(found), ...archived];
  const ids = new Map(real.map(({ directory, id }) => [directory, id]));
  const edges = [...resolveDependencies(real, view.realPath), ...projects.edges((directory) => ids.get(directory))];
  return { packages: real.map((one) => one.package), edges, unknowns, completeness: "incomplete" };
};

interface Described extends NpmInstallation {
  readonly package: Package;
  readonly kind: "installed" | "application";
}

const describeFile = (
  view: ImageView,
  file: CapturedFile,
  remember: Remember,
  unknowns: Unknown[],
): readonly Described[] => {
  const located = locateNpmFile(file.path);
  if (located === undefined) return [];
  const { kind, directory } = located;
  if (kind !== "installed" && kind !== "application") return [];
  const manifest = readFacts<NpmManifest>(file.bytes);
  const { name } = manifest;
  if (name === undefined && kind === "installed") {
    unknowns.push({ path: file.path, layer: file.layer, reason: "package.json states no usable name" });
  }
  if (name === undefined || (kind === "application" && !isApplication(manifest))) return [];
  const memory = remember(directory, name, manifest.version);
  const place = { path: file.path, layer: file.layer };
  const found = describePackage(
    { ...manifest, name },
    { place, introducedIn: introducedIn(view, file, manifest), memory },
  );
  return [
    { id: found.id, directory, dependencies: wantedBy(manifest, kind, memory?.dependencies), package: found, kind },
  ];
};

const describeArchive = (view: ImageView, file: CapturedFile, unknowns: Unknown[]): readonly Described[] => {
  if (locateNpmFile(file.path)?.kind !== "archive") return [];
  const packagesOf = readFacts<readonly ArchivedPackage[]>;
  const first = firstLayer(view.history(file.path), (bytes) =>
    packagesOf(bytes).map(({ manifest }) => keyOf(manifest)),
  );
  return (readOrState(file, unknowns, packagesOf) ?? []).flatMap(({ directory: inner, manifest }) => {
    const { name } = manifest;
    if (name === undefined) return [];
    const place = { path: `${file.path}:${inner}/package.json`, layer: file.layer };
    const introducedIn = first.get(keyOf(manifest)) ?? file.layer;
    const found = describePackage({ ...manifest, name }, { place, introducedIn, memory: undefined });
    const directory = `${file.path}/${inner}`;
    return [{ id: found.id, directory, dependencies: manifest.dependencies, package: found, kind: "installed" }];
  });
};

// A project's tools hang on the project, where they are installed.
const wantedBy = (
  manifest: NpmManifest,
  kind: Described["kind"],
  remembered: readonly string[] | undefined,
): readonly string[] =>
  kind === "application"
    ? [...manifest.dependencies, ...manifest.devDependencies]
    : (remembered ?? manifest.dependencies);

// Outside node_modules any file may be called package.json: only one with a name and a version is an application.
const isApplication = (manifest: NpmManifest): boolean =>
  manifest.version !== undefined && manifest.extension === undefined;

// A workspace's package is an application below an application, and so is a fixture: the directories between tell.
const withoutFixtures = (found: readonly Described[]): readonly Described[] => {
  const applications = new Set(found.filter((one) => one.kind === "application").map((one) => one.directory));
  return found.filter(({ kind, directory }) => {
    if (kind === "installed") return true;
    for (let at = directory.lastIndexOf("/"); at > 0; at = directory.lastIndexOf("/", at - 1)) {
      if (applications.has(directory.slice(0, at)) && isFixturePath(directory.slice(at + 1))) return false;
    }
    return true;
  });
};

const keyOf = (one: NpmManifest): string => `${one.name ?? ""}@${one.version ?? ""}`;

const introducedIn = (view: ImageView, file: CapturedFile, manifest: NpmManifest): number => {
  const first = firstLayer(view.history(file.path), (bytes) => [keyOf(readFacts<NpmManifest>(bytes))]);
  return first.get(keyOf(manifest)) ?? file.layer;
};
