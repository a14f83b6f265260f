import type { ImageView } from "#sbom/cataloger.ts";

/**
 * Turns a path as a package database writes it into the path under which the image holds it: links among its directories
 * are followed (`bin/ls` is `usr/bin/ls` on a merged /usr), a link at its end is not. Undefined where the directory is gone.
 */
export const canonicalPaths = (view: Pick<ImageView, "realPath">): ((path: string) => string | undefined) => {
  const directories = new Map<string, string | undefined>([["", ""]]);
  return (path) => {
    const slash = path.lastIndexOf("/");
    const directory = path.slice(0, Math.max(slash, 0));
    if (!directories.has(directory)) directories.set(directory, view.realPath(directory));
    const real = directories.get(directory);
    if (real === undefined) return undefined;
    return real === "" ? path.slice(slash + 1) : `${real}/${path.slice(slash + 1)}`;
  };
};
