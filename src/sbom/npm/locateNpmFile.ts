import { isFixturePath } from "#sbom/isFixturePath.ts";

/** What a path means to npm and its kin. `directory` is the package's, or for their memories the one that holds node_modules. */
export interface NpmFile {
  /** `installed`: below a node_modules; `application`: a project of its own; the rest is what package managers remember. */
  readonly kind: "installed" | "application" | "lock" | "pnpm-lock" | "yarn-integrity";
  readonly directory: string;
}

const MANIFEST = "package.json";
const MEMORIES = [
  ["lock", "node_modules/.package-lock.json"],
  ["pnpm-lock", "node_modules/.pnpm/lock.yaml"],
  ["yarn-integrity", "node_modules/.yarn-integrity"],
] as const;
const PACKAGE = /^(?:@[^/]+\/)?[^/@][^/]*$/;

/** Tells what a path is by its name alone; undefined for what is of no interest. Called for every entry of an image. */
export const locateNpmFile = (path: string): NpmFile | undefined => {
  if (path.endsWith(MANIFEST) && (path.length === MANIFEST.length || path.at(-MANIFEST.length - 1) === "/")) {
    return locateManifest(path.slice(0, -MANIFEST.length - 1));
  }
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
