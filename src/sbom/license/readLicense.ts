import type { Package } from "#sbom/package.ts";
import { spdxExpression } from "#sbom/license/spdxExpression.ts";

type Licenses = Package["licenses"];

// Words of people for one licence that cannot be mistaken for another.
const ALIASES: ReadonlyMap<string, string> = new Map([
  ["apache 2", "Apache-2.0"],
  ["apache 2.0", "Apache-2.0"],
  ["apache-2", "Apache-2.0"],
  ["apache2", "Apache-2.0"],
  ["apache license 2.0", "Apache-2.0"],
  ["apache license, version 2.0", "Apache-2.0"],
  ["3-clause bsd license", "BSD-3-Clause"],
  ["apache software license 2.0", "Apache-2.0"],
  ["bsd 2-clause", "BSD-2-Clause"],
  ["bsd 3-clause", "BSD-3-Clause"],
  ["bsd-2", "BSD-2-Clause"],
  ["bsd-3", "BSD-3-Clause"],
  ["mit license", "MIT"],
  ["mit/x11", "MIT"],
  ["the mit license", "MIT"],
  ["the isc license", "ISC"],
  ["new bsd", "BSD-3-Clause"],
  ["mpl 2.0", "MPL-2.0"],
  ["zpl 2.1", "ZPL-2.1"],
]);
const MAX_NAME = 200;

/**
 * What a package states about its licence: an SPDX expression where it is one, separate ids where it lists only ids, the
 * words as written otherwise (one word that is no id must not turn the operators between into licences: syft#2899).
 */
export const readLicense = (text: string | undefined): Licenses => {
  const words = (text ?? "").replace(/\p{Cc}+/gu, " ").trim();
  if (words === "") return [];
  const expression = spdxExpression(ALIASES.get(words.toLowerCase()) ?? words);
  if (expression !== undefined) return [{ expression }];
  const listed = words.split(/[\s,]+/).map(spdxExpression);
  if (listed.every((id) => id !== undefined)) return [...new Set(listed)].map((id) => ({ expression: id }));
  return [{ name: words.slice(0, MAX_NAME) }];
};
