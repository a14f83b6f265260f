import { linesOf } from "#sbom/linesOf.ts";
import { normalizeName } from "#sbom/python/normalizeName.ts";

const MAX_NAMES = 500;

/** Copies that a package's `_vendor/vendor.txt` names, as `name version`. They come without metadata, and often changed. */
export const readVendored = (bytes: Uint8Array): readonly string[] => {
  const found: string[] = [];
  for (const line of linesOf(new TextDecoder().decode(bytes))) {
    const [, name = "", version = ""] = /^\s{0,20}([A-Za-z0-9._-]{1,100})==([0-9A-Za-z.+!]{1,50})/.exec(line) ?? [];
    if (name !== "" && found.length < MAX_NAMES) found.push(`${normalizeName(name)} ${version}`);
  }
  return found;
};
