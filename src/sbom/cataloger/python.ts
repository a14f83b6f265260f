import type { Cataloger, Findings, ImageView } from "#sbom/cataloger.ts";
import { firstLayer } from "#sbom/firstLayer.ts";
import { readFacts } from "#sbom/keptFacts.ts";
import { mergeFindings } from "#sbom/mergeFindings.ts";
import type { Edge, Package, Unknown } from "#sbom/package.ts";
import { collectInstallations } from "#sbom/python/collectInstallations.ts";
import type { PythonFiles, PythonInstallation } from "#sbom/python/collectInstallations.ts";
import { describePackage } from "#sbom/python/describePackage.ts";
import { findCopies } from "#sbom/python/findCopies.ts";
import type { NestedPlace } from "#sbom/python/findCopies.ts";
import { findInterpreters } from "#sbom/python/findInterpreters.ts";
import type { Interpreter } from "#sbom/python/findInterpreters.ts";
import { linkRequirements } from "#sbom/python/linkRequirements.ts";
import type { ImportedPackage, LinkedPackages } from "#sbom/python/linkRequirements.ts";
import { locatePythonFile } from "#sbom/python/locatePythonFile.ts";
import { findMachine, markerEnvironment } from "#sbom/python/markerEnvironment.ts";
import { normalizeName } from "#sbom/python/normalizeName.ts";
import { parseSite } from "#sbom/python/parseSite.ts";
import type { CoreMetadata } from "#sbom/python/readCoreMetadata.ts";
import { capOf, reducePythonFile } from "#sbom/python/reducePythonFile.ts";
import { reduceWhole } from "#sbom/reduceWhole.ts";

/**
 * Python packages: every dist-info and egg-info, of site directories, virtual environments, work trees and copies inside other
 * packages (sbom.md 1.8). Edges are those of one interpreter's packages.
 */
export const python: Cataloger = {
  name: "python",
  wants: ({ path, size }) => {
    const kind = locatePythonFile(path)?.kind;
    if (kind === undefined) return undefined;
    return reduceWhole(size, capOf(kind), "Python metadata file", (bytes) => reducePythonFile(kind, bytes));
  },
  catalog: (view) => {
    const found = catalogImage(view);
    return mergeFindings(found.completeness, [found]);
  },
};

interface Described extends ImportedPackage {
  readonly package: Package;
  readonly site: string;
  readonly isRequested: boolean;
  readonly copyOf: NestedPlace | undefined;
}

const catalogImage = (view: ImageView): Findings => {
  const unknowns: Unknown[] = [];
  const files = collectInstallations(view.captured("python"), unknowns);
  const interpreters = findInterpreters(files, view);
  const described = describeAll(view, files, interpreters, unknowns);
  const bySite = Map.groupBy(described, ({ site }) => site);
  const linked = linkAll(view, files, interpreters, bySite, unknowns);
  const direct = described.filter(({ isRequested }) => isRequested).map(({ id }) => id);
  return {
    packages: described.map((one) => one.package),
    edges: [...linked.edges, ...linkCopies(described)],
    unknowns,
    completeness: linked.isComplete ? "complete" : "incomplete",
    ...(direct.length > 0 ? { direct } : {}),
  };
};

const describeAll = (
  view: ImageView,
  files: PythonFiles,
  interpreters: readonly Interpreter[],
  unknowns: Unknown[],
): readonly Described[] => {
  const nestedIn = findCopies(files.installations);
  const workTrees = findWorkTrees(interpreters);
  const own = new Set(files.installations.flatMap((one) => (nestedIn(one.site) ? [] : keyOf(one.metadata))));
  return files.installations.flatMap((one): readonly Described[] => {
    const { metadata, file, site, isRequested, requires, directUrl } = one;
    const { name } = metadata;
    const nested = nestedIn(site);
    if (nested?.kind === "fixture" || isInterpreterItself(one)) return [];
    if (name === undefined) {
      unknowns.push({ path: file.path, layer: file.layer, reason: "Python metadata states no usable name" });
      return [];
    }
    const copyOf = nested?.kind === "copy" ? nested : undefined;
    const found = describePackage(
      { ...metadata, name },
      {
        ...one,
        place: { path: file.path, layer: file.layer },
        introducedIn: introducedIn(view, one),
        isEditable: directUrl?.editable === true || workTrees.has(site),
        // One that is installed for itself too is no mere copy.
        vendoredIn: copyOf && !own.has(keyOf(metadata)) ? normalizeName(copyOf.top) : undefined,
        vendored: vendoredBy(files, one),
      },
    );
    return [{ id: found.id, name: found.name, requires, package: found, site, isRequested, copyOf }];
  });
};

// Python 2.7 wrote an egg-info of its own among its modules; the interpreter is found by its program.
const isInterpreterItself = ({ metadata, file, directory }: PythonInstallation): boolean =>
  metadata.name === "Python" && file.path === directory;

/** Directories that an interpreter imports from by a `.pth` file or an `.egg-link`: work trees of editable packages. */
const findWorkTrees = (interpreters: readonly Interpreter[]): ReadonlySet<string> => {
  const ofInterpreter = interpreters.filter(({ sites }) => sites.some((site) => parseSite(site) !== undefined));
  return new Set(ofInterpreter.flatMap(({ sites }) => sites.filter((site) => parseSite(site) === undefined)));
};

const vendoredBy = (files: PythonFiles, { site, metadata }: PythonInstallation): readonly string[] =>
  files.vendored.get(`${site}/${metadata.name?.replaceAll("-", "_")}/_vendor`) ?? [];

const keyOf = ({ name, version }: CoreMetadata): string => `${normalizeName(name ?? "")} ${version ?? ""}`;

const introducedIn = (view: ImageView, { file, metadata }: PythonInstallation): number => {
  const first = firstLayer(view.history(file.path), (bytes) => [keyOf(readFacts<CoreMetadata>(bytes))]);
  return first.get(keyOf(metadata)) ?? file.layer;
};

// A second or two; an image with 500 packages takes a hundredth of it.
const MAX_LINKING = 100_000_000;

const linkAll = (
  view: ImageView,
  files: PythonFiles,
  interpreters: readonly Interpreter[],
  bySite: ReadonlyMap<string, readonly Described[]>,
  unknowns: Unknown[],
): LinkedPackages => {
  const budget = { left: MAX_LINKING };
  const platform = {
    isWindows: view.realPath("Files/Windows") !== undefined,
    machine: findMachine(files.machines, view),
  };
  const linked = interpreters.map((one): LinkedPackages => {
    if (budget.left < 0) return { edges: [], isComplete: false };
    const [members, others] = [one.sites, one.fallback].map((sites) => sites.flatMap((site) => bySite.get(site) ?? []));
    return linkRequirements(members ?? [], others ?? [], markerEnvironment(one, platform), budget);
  });
  if (budget.left < 0)
    unknowns.push({ path: "", layer: 0, reason: "more requirements of Python packages than are linked" });
  return {
    edges: linked.flatMap(({ edges }) => edges),
    isComplete: linked.every(({ isComplete }) => isComplete),
  };
};

/** A package needs the copies that it carries. */
const linkCopies = (described: readonly Described[]): readonly Edge[] => {
  const holders = new Map(described.map(({ site, name, id }) => [`${site}/${name}`, id]));
  return described.flatMap(({ id, copyOf }) => {
    const from = copyOf && holders.get(`${copyOf.site}/${normalizeName(copyOf.top)}`);
    return from === undefined ? [] : [{ from, to: id }];
  });
};
