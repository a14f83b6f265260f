import { isFixturePath } from "#sbom/isFixturePath.ts";

/** What a path means to npm and its kin. `directory` is the package's, or for their memories the one that holds node_modules. */
export interface NpmFile {
  /**
   * `installed`: below a node_modules; `application`: a project of its own; `archive`: a zip of Yarn's cache; the rest is what
   * package managers remember.
   */
  readonly kind: "installed" | "application" | "archive" | "lock" | "pnpm-lock" | "yarn-integrity" | "pnp";
  readonly directory: string;
}

const MANIFEST = "package.json";
const MEMORIES = [
  ["lock", "node_modules/.package-lock.json"],
  ["pnpm-lock", "node_modules/.pnpm/lock.yaml"],
  ["yarn-integrity", "node_modules/.yarn-integrity"],
  ["pnp", ".pnp.cjs"],
  ["pnp", ".pnp.js"],
  ["pnp", ".pnp.data.json"],
] as const;
const ARCHIVE = /(?:^|\/)\.yarn\/(?:berry\/)?cache\/[^/]+\.zip$/;
const PACKAGE = /^(?:@[^/]+\/)?[^/@][^/]*$/;

/** Tells what a path is by its name alone; undefined for what is of no interest. Called for every entry of an image. */
export const locateNpmFile = (path: string): NpmFile | undefined => {
  if (path.endsWith(MANIFEST) && (path.length === MANIFEST.length || path.at(-MANIFEST.length - 1) === "/")) {
    return locateManifest(path.slice(0, -MANIFEST.length - 1));
  }
  if (path.endsWith(".zip")) return ARCHIVE.test(path) ? { kind: "archive", directory: path } : undefined;
  for (const [kind, tail] of MEMORIES) {
    if (!path.endsWith(tail)) continue;
    const before = path.slice(0, -tail.length);
    if (before === "" || before.endsWith("/")) return { kind, directory: before.slice(0, -1) };
  }
  return undefined;
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
