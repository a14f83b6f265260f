import type { Io } from "#cli/io.ts";
import type { Unknown } from "#sbom/package.ts";

// An image full of broken files must not bury everything else; the document names them all.
const MAX_WARNINGS = 20;

/** Says what could not be read: an incomplete SBOM never looks complete. `document`: which one, where there are several. */
export const warnOfGaps = (io: Io, unknowns: readonly Unknown[], document?: string): void => {
  const where = document === undefined ? "not in the SBOM" : `not in ${document}`;
  for (const { path, layer, reason } of unknowns.slice(0, MAX_WARNINGS))
    io.warn(`${where}: ${path === "" ? "" : `/${path} in layer ${layer}: `}${reason}`);
  const more = unknowns.length - MAX_WARNINGS;
  if (more > 0) io.warn(`${where}: ${more} more, which the document names`);
};
