import type { Edge, Occurrence, Package } from "#sbom/package.ts";
import { writePurl } from "#sbom/purl.ts";
import type { Crate } from "#sbom/rust/readCrates.ts";

const REGISTRY = "crates.io";

/** The packages of one Rust program, and which needs which. */
export const describeCrates = (
  crates: readonly Crate[],
  place: Occurrence,
): { readonly packages: readonly Package[]; readonly edges: readonly Edge[] } => {
  const packages = crates.map((crate) => describeCrate(crate, place));
  const edges = crates.flatMap(({ dependencies }, index) =>
    dependencies.flatMap((dependency) => {
      const from = packages[index]?.id;
      const to = packages[dependency]?.id;
      return from === undefined || to === undefined || from === to ? [] : [{ from, to }];
    }),
  );
  return { packages, edges };
};

// A crate from a work tree, a git repository or another registry is not the one that crates.io has under this name and
// version; a package URL with that version would say so, and have it matched with the other one's advisories.
const describeCrate = (crate: Crate, place: Occurrence): Package => {
  const isPublic = crate.source === REGISTRY;
  const purl = writePurl({
    type: "cargo",
    name: crate.name,
    version: isPublic ? crate.version : undefined,
    qualifiers: isPublic ? undefined : { source: crate.source },
  });
  return {
    id: isPublic ? purl : `${purl}#${crate.version}`,
    type: "cargo",
    name: crate.name,
    version: crate.version,
    purl,
    ...(crate.root ? { isApplication: true } : {}),
    technique: "binary-analysis",
    licenses: [],
    occurrences: [place],
    introducedIn: place.layer,
    foundBy: "rust-binary",
    properties: { source: crate.source },
  };
};
