/** A package by the directory that holds it, and what it wants to load. */
export interface NpmInstallation {
  readonly id: string;
  readonly directory: string;
  readonly dependencies: readonly string[];
}

/**
 * Edges as Node resolves them: from the package's directory upwards, the first node_modules that holds the name
 * (nodejs.org/api/modules.html, "Loading from node_modules folders"). `realPath` follows links, of workspaces and of
 * pnpm's store; Node looks from the real place of a package, and so does this.
 */
export const resolveDependencies = (
  installations: readonly NpmInstallation[],
  realPath: (path: string) => string | undefined,
): readonly { readonly from: string; readonly to: string }[] => {
  const byDirectory = new Map(installations.map((one) => [one.directory, one.id]));
  const found = new Map<string, string | undefined>();
  const lookUp = (path: string): string | undefined => {
    if (!found.has(path)) {
      // A project may stand at the very root, which is no answer for what is not there.
      const real = byDirectory.has(path) ? path : realPath(path);
      found.set(path, real === undefined ? undefined : byDirectory.get(real));
    }
    return found.get(path);
  };
  return installations.flatMap(({ id, directory, dependencies }) => {
    const places = searchPlaces(directory);
    return dependencies.flatMap((name) => {
      const to = firstDefined(places, (place) => lookUp(`${place}${name}`));
      return to === undefined ? [] : [{ from: id, to }];
    });
  });
};

// `/a/node_modules/b` looks in its own node_modules, then in those of /a/node_modules/.., /a and /.
const searchPlaces = (directory: string): readonly string[] => {
  const segments = directory === "" ? [] : directory.split("/");
  const places: string[] = [];
  for (let length = segments.length; length >= 0; length--) {
    if (segments[length - 1] === "node_modules") continue;
    places.push([...segments.slice(0, length), "node_modules", ""].join("/"));
  }
  return places;
};

const firstDefined = <T, R>(items: readonly T[], find: (item: T) => R | undefined): R | undefined => {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
};
