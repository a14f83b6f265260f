/**
 * Paths in a package's `.list` (absolute, directories among them) or `.md5sums` (`<md5>  relative path`), without leading
 * slash and as written: `bin/ls` where /bin is a link to usr/bin.
 */
export const ownedPaths = (bytes: Uint8Array, kind: "list" | "md5sums"): readonly string[] => {
  const lines = new TextDecoder().decode(bytes).split("\n");
  if (kind === "md5sums") return lines.map((line) => line.slice(34)).filter((path) => path !== "");
  // A directory is followed by what lies in it.
  return lines
    .filter((line, index) => line.length > 1 && lines[index + 1]?.startsWith(`${line}/`) !== true)
    .map((line) => line.replace(/^\/+/, ""));
};
