import type { CapturedFile, Cataloger, Findings, ImageView } from "#sbom/cataloger.ts";
import { programReducer } from "#sbom/executable/programReducer.ts";
import { readFound } from "#sbom/executable/readFound.ts";
import { firstLayer } from "#sbom/firstLayer.ts";
import { buildInfoSearch } from "#sbom/golang/buildInfoSearch.ts";
import { describeProgram } from "#sbom/golang/describeProgram.ts";
import type { GoBuildInfo } from "#sbom/golang/readBuildInfo.ts";
import { mergeFindings } from "#sbom/mergeFindings.ts";
import type { Unknown } from "#sbom/package.ts";

const NAME = "go-binary";
// The header of the smallest ELF file.
const MIN_SIZE = 52;

/**
 * Go programs, by the build information in them, wherever they lie and whatever their mode: a COPY may lose the
 * executable bit. Modules are known completely, the edges between them are not (reference 1.10).
 */
export const goBinary: Cataloger = {
  name: NAME,
  byContent: true,
  wants: ({ size }) => (size < MIN_SIZE ? undefined : programReducer(size, buildInfoSearch)),
  catalog: (view) =>
    mergeFindings(
      "incomplete",
      view.captured(NAME).map((file) => catalogFile(view, file)),
    ),
};

const catalogFile = (view: ImageView, file: CapturedFile): Findings => {
  const place = { path: file.path, layer: file.layer };
  const { found, failures } = readFound(file.bytes, isBuildInfo);
  const programs = found.map((info) => describeProgram(info, place));
  const first = firstLayer(view.history(file.path), (bytes) =>
    readFound(bytes, isBuildInfo).found.flatMap((info) => describeProgram(info, place).packages.map(({ id }) => id)),
  );
  const refused = programs.reduce((total, program) => total + program.refused, 0);
  const unknowns: Unknown[] = failures.map((reason) => ({ ...place, reason }));
  if (refused > 0) unknowns.push({ ...place, reason: `${refused} modules without a usable name` });
  const packages = programs.flatMap((program) => program.packages);
  return {
    packages: packages.map((one) => ({ ...one, introducedIn: first.get(one.id) ?? file.layer })),
    edges: programs.flatMap((program) => program.edges),
    unknowns,
    completeness: "incomplete",
  };
};

const isBuildInfo = (value: unknown): value is GoBuildInfo => {
  const { version, modules } = (value ?? {}) as Partial<GoBuildInfo>;
  return typeof version === "string" && typeof modules === "string";
};
