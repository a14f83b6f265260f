import { linesOf } from "#sbom/linesOf.ts";

const MAX_REQUIRES = 5000;
const MAX_LINE = 2000;

/**
 * Reads an egg's requires.txt as Requires-Dist would write it: sections `[extra]`, `[:marker]` and `[extra:marker]` become
 * markers (setuptools, "requires.txt").
 */
export const readRequiresText = (bytes: Uint8Array): readonly string[] => {
  const requires: string[] = [];
  let condition = "";
  for (const raw of linesOf(new TextDecoder().decode(bytes))) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#") || line.length > MAX_LINE) continue;
    if (line.startsWith("[") && line.endsWith("]")) condition = conditionOf(line.slice(1, -1));
    else if (requires.length < MAX_REQUIRES) requires.push(withCondition(line, condition));
  }
  return requires;
};

const conditionOf = (section: string): string => {
  const colon = section.indexOf(":");
  const extra = (colon < 0 ? section : section.slice(0, colon)).trim();
  const marker = colon < 0 ? "" : section.slice(colon + 1).trim();
  const wanted = /^[A-Za-z0-9._-]+$/.test(extra) ? `extra == "${extra}"` : "";
  if (marker === "" || wanted === "") return marker === "" ? wanted : marker;
  return `(${marker}) and ${wanted}`;
};

const withCondition = (requirement: string, condition: string): string => {
  if (condition === "") return requirement;
  // Of an address a semicolon is a part unless a space comes before it.
  const at = requirement.includes("@") ? requirement.indexOf(" ;") : requirement.indexOf(";");
  if (at < 0) return `${requirement} ; ${condition}`;
  const marker = requirement.slice(requirement.indexOf(";", at) + 1).trim();
  return `${requirement.slice(0, at)} ; (${marker}) and ${condition}`;
};
