import type { CapturedFile, Cataloger, Findings, ImageView } from "#sbom/cataloger.ts";
import { bundleSearch } from "#sbom/dotnet/bundleSearch.ts";
import { describeDeps } from "#sbom/dotnet/describeDeps.ts";
import type { DepsFile } from "#sbom/dotnet/readDepsJson.ts";
import { programReducer } from "#sbom/executable/programReducer.ts";
import { readFound } from "#sbom/executable/readFound.ts";
import { firstLayer } from "#sbom/firstLayer.ts";
import { mergeFindings } from "#sbom/mergeFindings.ts";
import type { Package, Unknown } from "#sbom/package.ts";

const NAME = "dotnet-bundle";
// The host alone has some 70 KB.
const MIN_SIZE = 32 * 1024;

/** .NET applications that were published as a single file, by the deps.json in them (reference 1.11). */
export const dotnetBundle: Cataloger = {
  name: NAME,
  byContent: true,
  wants: ({ size }) => (size < MIN_SIZE ? undefined : programReducer(size, bundleSearch)),
  catalog: (view) =>
    mergeFindings(
      "incomplete",
      view.captured(NAME).map((file) => catalogFile(view, file)),
    ),
};

const catalogFile = (view: ImageView, file: CapturedFile): Findings => {
  const place = { path: file.path, layer: file.layer };
  const { found, failures } = readFound(file.bytes, isDeps);
  const first = firstLayer(view.history(file.path), (bytes) =>
    readFound(bytes, isDeps).found.flatMap(({ libraries }) => libraries.map(keyOf)),
  );
  const unknowns: Unknown[] = failures.map((reason) => ({ ...place, reason }));
  const refused = found.reduce((total, deps) => total + deps.refused, 0);
  if (refused > 0) unknowns.push({ ...place, reason: `${refused} libraries without a usable name or version` });
  const name = `${file.path.slice(file.path.lastIndexOf("/") + 1).replace(/\.exe$/i, "")}.deps.json`;
  const described = found.map((deps) =>
    describeDeps(deps, name, place, (library) => first.get(keyOf(library)) ?? file.layer),
  );
  return {
    packages: described.flatMap(({ packages }) => packages.map(asBundled)),
    edges: described.flatMap(({ edges }) => edges),
    unknowns,
    completeness: "incomplete",
  };
};

const asBundled = (found: Package): Package => ({ ...found, technique: "binary-analysis", foundBy: NAME });

const keyOf = ({ name, version }: { readonly name: string; readonly version: string }): string => `${name}/${version}`;

// Written by the reducer; only the shape tells it from what others found in programs.
const isDeps = (value: unknown): value is DepsFile => {
  const { libraries, refused } = (value ?? {}) as Partial<DepsFile>;
  return Array.isArray(libraries) && typeof refused === "number" && libraries.every(isLibrary);
};

const isLibrary = (value: unknown): boolean => {
  const { name, version, type, dependencies } = (value ?? {}) as Record<string, unknown>;
  return (
    [name, version, type].every((text) => typeof text === "string") &&
    Array.isArray(dependencies) &&
    dependencies.every((one) => typeof one === "string")
  );
};
