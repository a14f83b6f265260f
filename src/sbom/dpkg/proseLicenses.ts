import { spdxExpression } from "#sbom/license/spdxExpression.ts";

const COMMON = /\/usr\/share\/common-licenses\/([A-Za-z0-9.+-]{1,40})/g;
// Files of base-files whose text is one licence without versions to choose from. `BSD` is the Regents' with three clauses.
const TEXTS: ReadonlyMap<string, string> = new Map([
  ["Apache-2.0", "Apache-2.0"],
  ["Artistic", "Artistic-1.0"],
  ["BSD", "BSD-3-Clause"],
  ["CC0-1.0", "CC0-1.0"],
  ["MPL-1.1", "MPL-1.1"],
  ["MPL-2.0", "MPL-2.0"],
]);
const GNU = /^([AL]?GPL|GFDL)-(\d)(\.\d)?$/;
const VERSION = /\bversion ([1-3](?:\.\d)?)\b(?=(.{0,80}))/gi;
const LATER = /^[^.]{0,40}\bor,? (?:\(?at your option\)?,? )?(?:any )?later\b/i;
// opensource.org/license/mit: the grant up to the disclaimer's end, without case, quotes and line breaks.
const MIT =
  `permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the software), to deal in the software without restriction, including without limitation the rights to
use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the software, and to permit persons to whom
the software is furnished to do so, subject to the following conditions: the above copyright notice and this permission
notice shall be included in all copies or substantial portions of the software. the software is provided as is, without
warranty of any kind, express or implied`.replace(/\s+/g, " ");

/**
 * The licences that the prose of a Debian copyright file names beyond doubt: those of /usr/share/common-licenses that it
 * refers to, as SPDX ids where one is meant, else by Debian's name; and the MIT licence where its whole text stands there.
 * `GPL-2` becomes "or later" only where every "version 2" of the text is followed by these words: nothing is guessed.
 */
export const proseLicenses = (text: string): readonly string[] => {
  const plain = text.replace(/\s+/g, " ");
  const names = new Set([...plain.matchAll(COMMON)].map(([, name]) => (name ?? "").replace(/\.$/, "")));
  const licenses = [...names].sort().map((name) => TEXTS.get(name) ?? gnuLicense(name, plain));
  const unquoted = plain.replace(/["'`\u201c\u201d*]/g, "").toLowerCase();
  return unquoted.includes(MIT) ? [...licenses, "MIT"] : licenses;
};

const gnuLicense = (name: string, plain: string): string => {
  const [whole, family = "", major = "", minor = ".0"] = GNU.exec(name) ?? [];
  if (whole === undefined) return name;
  const version = `${major}${minor}`;
  const grants = [...plain.matchAll(VERSION)].filter(([, stated = ""]) => withMinor(stated) === version);
  const isLater = grants.length > 0 && grants.every(([, , after = ""]) => LATER.test(after));
  return (isLater ? spdxExpression(`${family}-${version}-or-later`) : undefined) ?? name;
};

const withMinor = (version: string): string => (version.includes(".") ? version : `${version}.0`);
