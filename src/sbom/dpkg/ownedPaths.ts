import { linesOf } from "#sbom/linesOf.ts";

/**
 * Paths in a package's `.list` (absolute, directories among them), `.conffiles` (absolute) or `.md5sums` (`<md5>  relative path`), without leading
 * slash and as written: `bin/ls` where /bin is a link to usr/bin. Only those whose last name is among `names`: an image
 * lists hundreds of thousands.
 */
export function* ownedPaths(
  bytes: Uint8Array,
  kind: "list" | "md5sums" | "conffiles",
  names: ReadonlySet<string>,
): Generator<string> {
  for (const line of linesOf(new TextDecoder().decode(bytes))) {
    const path = kind === "md5sums" ? line.slice(34) : line;
    if (names.has(path.slice(path.lastIndexOf("/") + 1))) yield path.replace(/^\/+/, "");
  }
}
