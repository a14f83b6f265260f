import type { CapturedFile } from "#sbom/cataloger.ts";
import { readFacts } from "#sbom/keptFacts.ts";
import { locateNpmFile } from "#sbom/npm/locateNpmFile.ts";
import type { PnpPackage } from "#sbom/npm/readPnp.ts";
import type { Edge, Unknown } from "#sbom/package.ts";
import { readOrState } from "#sbom/readOrState.ts";

/** What the Plug'n'Play projects of an image say, with paths from its root. */
export interface PnpProjects {
  /** Whether a project loads packages from this archive. Others in a cache are not installed. */
  readonly names: (archive: string) => boolean;
  /** Edges among the packages whose directories have an id. */
  readonly edges: (idOf: (directory: string) => string | undefined) => readonly Edge[];
}

const ARCHIVE = /^(.*?\.zip)(?:\/|$)/;

/** Joins what `readPnp` has read of each project's file. */
export const joinPnpProjects = (files: readonly CapturedFile[], unknowns: Unknown[]): PnpProjects => {
  const projects = files.flatMap((file) => {
    const located = locateNpmFile(file.path);
    const packages =
      located?.kind === "pnp" ? readOrState(file, unknowns, readFacts<readonly PnpPackage[]>) : undefined;
    return packages === undefined ? [] : [placePackages(located?.directory ?? "", packages)];
  });
  const archives = new Set(
    projects.flatMap((project) => [...project.values()].flatMap(({ directory }) => ARCHIVE.exec(directory)?.[1] ?? [])),
  );
  return {
    names: (archive) => archives.has(archive),
    edges: (idOf) => projects.flatMap((project) => linkProject(project, idOf)),
  };
};

interface Placed {
  readonly directory: string;
  readonly dependencies: PnpPackage["dependencies"];
}

const placePackages = (root: string, packages: readonly PnpPackage[]): ReadonlyMap<string, Placed> =>
  new Map(
    packages.map(({ locator, location, dependencies }) => [
      locator.join("\n"),
      { directory: resolveLocation(root, location), dependencies },
    ]),
  );

const linkProject = (
  project: ReadonlyMap<string, Placed>,
  idOf: (directory: string) => string | undefined,
): readonly Edge[] =>
  [...project.values()].flatMap(({ directory, dependencies }) => {
    const from = idOf(directory);
    if (from === undefined) return [];
    return dependencies.flatMap((locator) => {
      const target = project.get(locator.join("\n"));
      const to = target === undefined ? undefined : idOf(target.directory);
      return to === undefined ? [] : [{ from, to }];
    });
  });

// `./.yarn/__virtual__/name-virtual-hash/1/cache/x.zip/node_modules/x/` stands for `./cache/x.zip/...`: one copy for each set of
// peers; the number says how many directories up it goes (pnp-spec, "Virtual folders").
const resolveLocation = (root: string, location: string): string => {
  const names = root.split("/");
  const segments = location.split("/");
  for (let at = 0; at < segments.length; at++) {
    const segment = segments[at] ?? "";
    if (segment === "..") names.pop();
    else if (segment === "__virtual__" || segment === "$$virtual") {
      names.length = Math.max(names.length - (Number(segments[at + 2]) || 0), 0);
      at += 2;
    } else if (segment !== "" && segment !== ".") names.push(segment);
  }
  return names.filter((name) => name !== "").join("/");
};
