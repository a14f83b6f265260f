import { writeCpe } from "#sbom/cpe/writeCpe.ts";
import type { DepsFile, DepsLibrary } from "#sbom/dotnet/readDepsJson.ts";
import type { Edge, Occurrence, Package } from "#sbom/package.ts";
import { writePurl } from "#sbom/purl.ts";

/** What a deps.json tells of, as packages and edges between them. */
export interface DescribedDeps {
  readonly packages: readonly Package[];
  readonly edges: readonly Edge[];
}

/**
 * The packages of a deps.json and who needs whom. A package without files that run, and without one below it that has some,
 * served the build only and is left out; so is a project other than the application itself. `fileName` names the application.
 */
export const describeDeps = (
  deps: DepsFile,
  fileName: string,
  place: Occurrence,
  introducedIn: (library: DepsLibrary) => number,
): DescribedDeps => {
  const application = fileName.replace(/\.deps\.json$/i, "");
  const byName = new Map(deps.libraries.map((library) => [library.name.toLowerCase(), library]));
  const needed = withFiles(deps.libraries, byName);
  const ids = new Map<DepsLibrary, string>();
  const packages = deps.libraries.flatMap((library) => {
    if (!(library.type === "project" ? isNamed(library, application) : needed.has(library))) return [];
    const found = describeLibrary(library, deps, place, introducedIn(library));
    ids.set(library, found.id);
    return [found];
  });
  const edges = [...ids].flatMap(([library, from]) =>
    library.dependencies.flatMap((name) => {
      const to = ids.get(byName.get(name.toLowerCase()) ?? library);
      return to === undefined || to === from ? [] : [{ from, to }];
    }),
  );
  return { packages, edges };
};

const isNamed = (library: DepsLibrary, application: string): boolean =>
  library.name.toLowerCase() === application.toLowerCase();

// Those with files, and those above them, found from below: each is looked at once.
const withFiles = (
  libraries: readonly DepsLibrary[],
  byName: ReadonlyMap<string, DepsLibrary>,
): ReadonlySet<DepsLibrary> => {
  const above = new Map<DepsLibrary, DepsLibrary[]>();
  for (const library of libraries)
    for (const name of library.dependencies) {
      const below = byName.get(name.toLowerCase());
      const known = below && above.get(below);
      if (known !== undefined) known.push(library);
      else if (below !== undefined) above.set(below, [library]);
    }
  const found = new Set(libraries.filter(({ hasFiles }) => hasFiles));
  for (const library of found) for (const one of above.get(library) ?? []) found.add(one);
  return found;
};

const RUNTIME = /^Microsoft\.(NETCore|AspNetCore|WindowsDesktop)\.App\.Runtime\./;

const describeLibrary = (library: DepsLibrary, deps: DepsFile, place: Occurrence, introducedIn: number): Package => {
  const { version, type, sha512 } = library;
  const name = library.name.replace(/^runtimepack\./, "");
  // A file that was referenced directly is of no NuGet package, whatever it is called.
  const ecosystem = type === "reference" || type === "referenceassembly" ? "generic" : "nuget";
  const purl = writePurl({ type: ecosystem, name, version });
  const runtime = RUNTIME.exec(name)?.[1];
  const cpe = runtime === undefined ? undefined : runtimeCpe(runtime, version);
  return {
    id: purl,
    type: ecosystem,
    name,
    version,
    purl,
    ...(cpe === undefined ? {} : { cpes: [cpe] }),
    ...(type === "project" || runtime !== undefined ? { isApplication: true } : {}),
    licenses: [],
    ...(sha512 === undefined ? {} : { hashes: [{ algorithm: "SHA-512" as const, hex: sha512 }] }),
    occurrences: [place],
    introducedIn,
    foundBy: "dotnet",
    properties: { libraryType: type, ...(deps.target === undefined ? {} : { target: deps.target }) },
  };
};

// NVD's names: .NET since version 5, .NET Core before.
const runtimeCpe = (runtime: string, version: string): string | undefined => {
  const product = runtime === "AspNetCore" ? "asp.net_core" : Number.parseInt(version, 10) >= 5 ? ".net" : ".net_core";
  return writeCpe({ vendor: "microsoft", product, version });
};
