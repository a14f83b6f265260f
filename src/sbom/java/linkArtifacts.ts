import type { MavenDependency } from "#sbom/java/resolvePom.ts";
import type { Edge } from "#sbom/package.ts";

/** A package at one place, as far as links between jars need it. */
export interface PlacedArtifact {
  readonly id: string;
  readonly group: string | undefined;
  readonly artifact: string;
  readonly dependencies: readonly MavenDependency[];
  /** Path of the file in the image, and within it; "" is the file itself. */
  readonly file: string;
  readonly inner: string;
  /** The one whose archive holds this one. */
  readonly holder: PlacedArtifact | undefined;
}

/**
 * Edges that the evidence has: an archive needs those that it holds, a project the dependencies of its pom as far as they are
 * at hand: in the same archive, beside the file, or in a directory below (`lib/`); of several versions none is chosen.
 */
export const linkArtifacts = (artifacts: readonly PlacedArtifact[]): readonly Edge[] => {
  const edges: Edge[] = [];
  const index = indexArtifacts(artifacts);
  for (const one of artifacts) {
    if (one.holder !== undefined) edges.push({ from: one.holder.id, to: one.id });
    for (const dependency of one.dependencies) {
      const to = findNearest(index.get(`${dependency.group}:${dependency.artifact}`) ?? [], one);
      if (to !== undefined) edges.push({ from: one.id, to });
    }
  }
  return edges;
};

// More copies of one artifact than anybody installs are a stranger's joke, and looking through them all is quadratic.
const MAX_COPIES = 200;

const indexArtifacts = (artifacts: readonly PlacedArtifact[]): ReadonlyMap<string, readonly PlacedArtifact[]> => {
  const index = new Map<string, PlacedArtifact[]>();
  for (const one of artifacts) {
    if (one.group === undefined) continue;
    const key = `${one.group}:${one.artifact}`;
    const copies = index.get(key);
    if (copies === undefined) index.set(key, [one]);
    else if (copies.length < MAX_COPIES) copies.push(one);
  }
  return index;
};

const findNearest = (copies: readonly PlacedArtifact[], from: PlacedArtifact): string | undefined => {
  const directory = directoryOf(from.file);
  const rings = [
    (one: PlacedArtifact) => one.holder === from || (from.holder !== undefined && one.holder === from.holder),
    (one: PlacedArtifact) => one.file === from.file,
    (one: PlacedArtifact) => one.inner === "" && directoryOf(one.file) === directory,
    (one: PlacedArtifact) => one.inner === "" && directoryOf(one.file).startsWith(directory),
  ];
  for (const ring of rings) {
    const ids = new Set(copies.filter(ring).map(({ id }) => id));
    if (ids.size === 1) return [...ids][0];
    if (ids.size > 1) return undefined;
  }
  return undefined;
};

// With its slash, so that `lib` is not `library`; the root has none.
const directoryOf = (path: string): string => path.slice(0, path.lastIndexOf("/") + 1);
