import type { CapturedFile, Cataloger, Findings, ImageView } from "#sbom/cataloger.ts";
import { describeDeps } from "#sbom/dotnet/describeDeps.ts";
import { readDepsJson } from "#sbom/dotnet/readDepsJson.ts";
import type { DepsFile, DepsLibrary } from "#sbom/dotnet/readDepsJson.ts";
import { firstLayer } from "#sbom/firstLayer.ts";
import { keepFacts, readFacts } from "#sbom/keptFacts.ts";
import { mergeFindings } from "#sbom/mergeFindings.ts";
import type { Unknown } from "#sbom/package.ts";
import { readOrState } from "#sbom/readOrState.ts";
import { reduceWhole } from "#sbom/reduceWhole.ts";

const NAME = "dotnet";
const SUFFIX = ".deps.json";
const MAX_DEPS = 16 * 1024 * 1024;

/** .NET applications and frameworks by the deps.json that their host loads them with (reference 1.11). */
export const dotnet: Cataloger = {
  name: NAME,
  wants: ({ path, size }) => (path.endsWith(SUFFIX) ? reduceWhole(size, MAX_DEPS, "deps.json", reduceDeps) : undefined),
  catalog: (view) =>
    mergeFindings(
      "complete",
      view.captured(NAME).map((file) => catalogFile(view, file)),
    ),
};

const reduceDeps = (bytes: Buffer): Uint8Array | undefined => {
  const deps = readDepsJson(bytes);
  return deps && keepFacts(deps);
};

const catalogFile = (view: ImageView, file: CapturedFile): Findings => {
  const { path, layer } = file;
  const unknowns: Unknown[] = [];
  const deps = readOrState(file, unknowns, readFacts<DepsFile>);
  if (deps === undefined) return { packages: [], edges: [], unknowns, completeness: "incomplete" };
  if (deps.refused > 0) unknowns.push({ path, layer, reason: `${deps.refused} libraries without a usable name` });
  const first = firstLayer(view.history(path), (bytes) => readFacts<DepsFile>(bytes).libraries.map(keyOf));
  const fileName = path.slice(path.lastIndexOf("/") + 1);
  const found = describeDeps(deps, fileName, { path, layer }, (library) => first.get(keyOf(library)) ?? layer);
  return { ...found, unknowns, completeness: "complete" };
};

const keyOf = ({ name, version }: DepsLibrary): string => `${name}/${version}`;
