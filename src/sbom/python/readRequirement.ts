import { normalizeName } from "#sbom/python/normalizeName.ts";

/** A dependency specifier (PEP 508): whose name, with which extras, under which condition. */
export interface Requirement {
  /** Normalised. */
  readonly name: string;
  readonly extras: readonly string[];
  readonly marker?: string;
}

const HEAD = /^\s*([A-Za-z0-9][A-Za-z0-9._-]{0,213})\s*(?:\[([^\]]{0,1000})\])?\s*/;
const EXTRA = /^[A-Za-z0-9][A-Za-z0-9._-]{0,213}$/;
const MAX_EXTRAS = 50;

/** Reads a requirement; undefined where the text is none. What versions it takes is of no interest: one is installed. */
export const readRequirement = (text: string): Requirement | undefined => {
  const head = HEAD.exec(text);
  if (head === null) return undefined;
  const rest = text.slice(head[0].length);
  // Of an address a semicolon is a part unless a space comes before it.
  const at = rest.startsWith("@") ? rest.search(/\s;/) : rest.indexOf(";");
  const marker = at < 0 ? "" : rest.slice(rest.indexOf(";", at) + 1).trim();
  const extras = (head[2] ?? "").split(",", MAX_EXTRAS).map((extra) => extra.trim());
  return {
    name: normalizeName(head[1] ?? ""),
    extras: extras.filter((extra) => EXTRA.test(extra)).map(normalizeName),
    ...(marker === "" ? {} : { marker }),
  };
};
