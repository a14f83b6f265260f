import { isFixturePath } from "#sbom/isFixturePath.ts";

/** What a path means to npm. `directory` is the package's, or for a lock file the one that holds node_modules. */
export interface NpmFile {
  /** `installed`: below a node_modules; `application`: a project of its own; `lock`: npm's hidden lock file. */
  readonly kind: "installed" | "application" | "lock";
  readonly directory: string;
}

const MANIFEST = "package.json";
const LOCK = "node_modules/.package-lock.json";
const PACKAGE = /^(?:@[^/]+\/)?[^/@][^/]*$/;

/** Tells what a path is by its name alone; undefined for what is of no interest. Called for every entry of an image. */
export const locateNpmFile = (path: string): NpmFile | undefined => {
  if (path.endsWith(MANIFEST) && (path.length === MANIFEST.length || path.at(-MANIFEST.length - 1) === "/")) {
    return locateManifest(path.slice(0, -MANIFEST.length - 1));
  }
  if (path !== LOCK && !path.endsWith(`/${LOCK}`)) return undefined;
  return { kind: "lock", directory: path.slice(0, -LOCK.length).replace(/\/$/, "") };
};

// Inside a package only its own root counts: `dist/esm/package.json` says how to load files, `compat/package.json` names
// an entry point (reference 1.7).
const locateManifest = (directory: string): NpmFile | undefined => {
  const parts = `/${directory}`.split("/node_modules/");
  const installed = parts.slice(1);
  const last = installed.pop();
  if (last === undefined) return { kind: "application", directory };
  if (!PACKAGE.test(last)) return undefined;
  const between = installed.map((part) => part.replace(/^(?:@[^/]+\/)?[^/]+/, ""));
  return between.some(isFixturePath) ? undefined : { kind: "installed", directory };
};
