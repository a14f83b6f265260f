import { WaybillError } from "#core/errors.ts";
import type { CapturedFile, Cataloger, Findings, ImageView } from "#sbom/cataloger.ts";
import { firstLayer } from "#sbom/firstLayer.ts";
import { buildInfoReducer } from "#sbom/golang/buildInfoReducer.ts";
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
  wants: (entry) => (entry.size < MIN_SIZE ? undefined : buildInfoReducer()),
  catalog: (view) =>
    mergeFindings(
      "incomplete",
      view.captured(NAME).map((file) => catalogProgram(view, file)),
    ),
};

const catalogProgram = (view: ImageView, file: CapturedFile): Findings => {
  const place = { path: file.path, layer: file.layer };
  const program = describeProgram(reducedInfo(file.bytes), place);
  const first = firstLayer(view.history(file.path), (bytes) =>
    describeProgram(reducedInfo(bytes), place).packages.map((found) => found.id),
  );
  const unknowns: readonly Unknown[] =
    program.refused === 0 ? [] : [{ ...place, reason: `${program.refused} modules without a usable name` }];
  return {
    packages: program.packages.map((found) => ({ ...found, introducedIn: first.get(found.id) ?? file.layer })),
    edges: program.edges,
    unknowns,
    completeness: "incomplete",
  };
};

// The bytes are those of the reducer; only another cataloger's capture of the same path has others.
const reducedInfo = (bytes: Uint8Array): GoBuildInfo => {
  try {
    const info = JSON.parse(Buffer.from(bytes).toString()) as GoBuildInfo;
    if (typeof info.version === "string" && typeof info.modules === "string") return info;
  } catch {
    // Not ours: said below.
  }
  throw new WaybillError("INPUT_INVALID", "no Go build information");
};
