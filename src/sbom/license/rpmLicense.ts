import { spdxExpression } from "#sbom/license/spdxExpression.ts";

// Fedora's short names before it took those of SPDX in 2023 (fedora-license-data, legacy-abbreviation), where one stands
// for exactly one id. BSD, Python, CC-BY and others stand for several; "with exceptions" does not say which.
const SHORT_NAMES: ReadonlyMap<string, string> = new Map([
  ["agplv3", "AGPL-3.0-only"],
  ["agplv3+", "AGPL-3.0-or-later"],
  ["artistic 2.0", "Artistic-2.0"],
  ["artistic clarified", "ClArtistic"],
  ["asl 1.0", "Apache-1.0"],
  ["asl 1.1", "Apache-1.1"],
  ["asl 2.0", "Apache-2.0"],
  ["boost", "BSL-1.0"],
  ["cc0", "CC0-1.0"],
  ["cpl", "CPL-1.0"],
  ["epl", "EPL-1.0"],
  ["gpl+", "GPL-1.0-or-later"],
  ["gplv1", "GPL-1.0-only"],
  ["gplv1+", "GPL-1.0-or-later"],
  ["gplv2", "GPL-2.0-only"],
  ["gplv2+", "GPL-2.0-or-later"],
  ["gplv3", "GPL-3.0-only"],
  ["gplv3+", "GPL-3.0-or-later"],
  ["jasper", "JasPer-2.0"],
  ["lgplv2+", "LGPL-2.0-or-later"],
  ["lgplv2.1", "LGPL-2.1-only"],
  ["lgplv2.1+", "LGPL-2.1-or-later"],
  ["lgplv3", "LGPL-3.0-only"],
  ["lgplv3+", "LGPL-3.0-or-later"],
  ["mit with advertising", "MIT-advertising"],
  ["mplv1.0", "MPL-1.0"],
  ["mplv1.1", "MPL-1.1"],
  ["mplv2.0", "MPL-2.0"],
  ["ofl", "OFL-1.1"],
  ["openldap", "OLDAP-2.8"],
  ["php", "PHP-3.01"],
  ["qpl", "QPL-1.0"],
  ["zlib", "Zlib"],
  ["zplv2.0", "ZPL-2.0"],
  ["zplv2.1", "ZPL-2.1"],
]);
// Longer statements are not written by people.
const MAX_LENGTH = 1000;

/**
 * The License tag of an rpm package as an SPDX expression, or undefined where a part of it has no SPDX id: Fedora's and
 * SUSE's short names joined by `and` and `or`, with parentheses (Fedora, "License Review Process", before 2023).
 */
export const rpmLicense = (statement: string): string | undefined => {
  if (statement.length > MAX_LENGTH) return undefined;
  const tokens = statement
    .split(/([()]|\s(?:and|or)(?=[\s(]))/i)
    .map((token) => token.trim())
    .filter((token) => token !== "");
  const words = tokens.map(readToken);
  if (!words.every((word) => word !== undefined)) return undefined;
  return spdxExpression(words.join(" ").replaceAll("( ", "(").replaceAll(" )", ")"));
};

const readToken = (token: string): string | undefined => {
  if (token === "(" || token === ")") return token;
  if (/^(?:and|or)$/i.test(token)) return token.toUpperCase();
  return SHORT_NAMES.get(token.toLowerCase()) ?? spdxExpression(token);
};
