import type { TarEntry } from "#archive/tarEntry.ts";
import type { Statement } from "#sbom/embedded/statement.ts";
import type { Distro, Edge, LayerFacts, Package, Unknown } from "#sbom/package.ts";

/** Reduces a file's content, as it streams by, to the bytes worth keeping. */
export interface Reducer {
  /** Takes the next chunk (valid only during the call); false when no more content is wanted. */
  readonly write: (chunk: Uint8Array) => boolean;
  /** Kept bytes, or undefined for nothing. Throws LIMIT_EXCEEDED or INPUT_INVALID: becomes a stated unknown. */
  readonly end: () => Uint8Array | undefined;
}

/** A file that a cataloger asked for, as it stands in one layer. */
export interface CapturedFile {
  /** Real path, without leading slash. */
  readonly path: string;
  readonly layer: number;
  readonly bytes: Uint8Array;
  readonly mode: number;
}

/** The image after the squash, with what was captured. Paths are without leading slash; links are followed. */
export interface ImageView {
  readonly layers: readonly LayerFacts[];
  /** Files visible in the final image that this cataloger captured, in path order. */
  readonly captured: (cataloger: string) => readonly CapturedFile[];
  /** The captured visible file at a path, symlinks resolved (40 hops at most). */
  readonly file: (path: string) => CapturedFile | undefined;
  /** Every captured version of exactly this path, base layer first, removed ones included. */
  readonly history: (path: string) => readonly CapturedFile[];
  /**
   * Canonical path after resolving symlinks, or undefined when nothing visible is there. Directories, links, captured files
   * and files that links lead to are known; other files are nobody's evidence, and may be unknown.
   */
  readonly realPath: (path: string) => string | undefined;
  readonly distro: Distro | undefined;
  /** The layer of the buildpacks' launch SBOMs, where the config's label names it. */
  readonly sbomLayer?: number | undefined;
}

/** Which of these files (canonical paths) a distribution's package owns, and its id; the lists of all files stay unread. */
export type FindOwners = (files: ReadonlySet<string>) => ReadonlyMap<string, string>;

/** What a cataloger found. Ids are final; edges name ids of its own packages. */
export interface Findings {
  readonly packages: readonly Package[];
  readonly edges: readonly Edge[];
  readonly unknowns: readonly Unknown[];
  /** For the ownership pass that runs after all catalogers. */
  readonly owned?: FindOwners;
  /** Whether the edges found are all there are for these packages. */
  readonly completeness: "complete" | "incomplete" | "unknown";
  /** Ids that nothing else pulled in, where the evidence says so (apk world, apt extended_states). */
  readonly direct?: readonly string[];
  /** What files in the image claim of packages that other catalogers find. */
  readonly statements?: readonly Statement[];
}

/** Finds one kind of package. It never opens anything: it is asked for each entry and later shown the squashed image. */
export interface Cataloger {
  readonly name: string;
  /** Whether `wants` looks at nothing but size and mode: then a link with another name adds nothing to be read. */
  readonly byContent?: true;
  /** A reducer for a file's content, or undefined when the entry is of no interest. Called once per file entry of every layer. */
  readonly wants: (entry: TarEntry) => Reducer | undefined;
  readonly catalog: (view: ImageView) => Findings;
}
