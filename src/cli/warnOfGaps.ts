import type { Io } from "#cli/io.ts";
import type { Unknown } from "#sbom/package.ts";

// An image full of broken files must not bury everything else; the document names them all.
const MAX_WARNINGS = 20;

/** Says what could not be read: an incomplete SBOM never looks complete. */
export const warnOfGaps = (io: Io, unknowns: readonly Unknown[]): void => {
  for (const { path, layer, reason } of unknowns.slice(0, MAX_WARNINGS))
    io.warn(`not in the SBOM: ${path === "" ? "" : `/${path} in layer ${layer}: `}${reason}`);
  const more = unknowns.length - MAX_WARNINGS;
  if (more > 0) io.warn(`not in the SBOM: ${more} more, which the document names`);
};
