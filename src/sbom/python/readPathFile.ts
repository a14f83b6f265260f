import { linesOf } from "#sbom/linesOf.ts";

const MAX_PATHS = 1000;
const MAX_PATH = 4096;

/**
 * The directories that a `.pth` file adds to sys.path (docs.python.org/library/site.html), or the one that an `.egg-link`
 * leads to, relative to the directory that holds the file; absolute ones keep their leading slash. Lines with code are not run.
 */
export const readPathFile = (bytes: Uint8Array): readonly string[] => {
  const paths: string[] = [];
  for (const raw of linesOf(new TextDecoder().decode(bytes))) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#") || /^import[ \t]/.test(line) || line.length > MAX_PATH) continue;
    if (paths.length < MAX_PATHS) paths.push(line);
  }
  return paths;
};
