import spdxIds from "spdx-license-ids/index.json" with { type: "json" };
import { spdxExpression } from "#sbom/license/spdxExpression.ts";

// DEP-5 short names (www.debian.org/doc/packaging-manuals/copyright-format/1.0, "Short name") that SPDX spells otherwise.
const SHORT_NAMES: ReadonlyMap<string, string> = new Map([
  ["expat", "MIT"],
  ["artistic", "Artistic-1.0"],
  ["bsd-4-clause-uc", "BSD-4-Clause-UC"],
  ["boost-1.0", "BSL-1.0"],
  ["zope-2.1", "ZPL-2.1"],
  ["zope-2.0", "ZPL-2.0"],
  ["cc0", "CC0-1.0"],
  ["openldap-2.8", "OLDAP-2.8"],
  ["psf-2", "PSF-2.0"],
  ["sil-1.1", "OFL-1.1"],
  ["sil-ofl-1.1", "OFL-1.1"],
  ["ofl", "OFL-1.1"],
  ["gfdl-niv-1.2", "GFDL-1.2-no-invariants-only"],
  ["gfdl-niv-1.2+", "GFDL-1.2-no-invariants-or-later"],
  ["gfdl-niv-1.3", "GFDL-1.3-no-invariants-only"],
  ["gfdl-niv-1.3+", "GFDL-1.3-no-invariants-or-later"],
  ...spdxIds.map((id) => [id.toLowerCase(), id] as const),
]);
// `GPL-3+ with Bison exception`: SPDX's name by the major version of the licence.
const EXCEPTIONS: ReadonlyMap<string, Readonly<Record<string, string>>> = new Map([
  ["autoconf", { 2: "Autoconf-exception-2.0", 3: "Autoconf-exception-3.0" }],
  ["bison", { 2: "Bison-exception-2.2", 3: "Bison-exception-2.2" }],
  ["classpath", { 2: "Classpath-exception-2.0" }],
  ["font", { 2: "Font-exception-2.0" }],
  ["gcc", { 2: "GCC-exception-2.0", 3: "GCC-exception-3.1" }],
  ["libtool", { 2: "Libtool-exception" }],
  ["linux-syscall-note", { 2: "Linux-syscall-note" }],
  ["texinfo", { 2: "Texinfo-exception", 3: "Texinfo-exception" }],
]);
const GNU = /^([AL]?GPL|GFDL)-(\d)(\.\d)?(\+?)$/i;

/**
 * A DEP-5 licence synopsis (`GPL-2+ or Artistic, and Expat`) as an SPDX expression, or undefined where a part has no
 * SPDX id. A comma binds weaker than the words ("Syntax" of the License field).
 */
export const debianLicense = (synopsis: string): string | undefined => {
  const groups = synopsis.trim().split(/,\s*(?=(?:and|or)\s)/i);
  const parts = groups.map((group, index) => (index === 0 ? group : group.replace(/^(?:and|or)\s+/i, "")));
  const words = groups.slice(1).map((group) => (/^or\s/i.test(group) ? "OR" : "AND"));
  const expressions = parts.map(readGroup);
  if (!expressions.every((one) => one !== undefined)) return undefined;
  const wrapped = expressions.map((one) => (expressions.length > 1 && one.includes(" ") ? `(${one})` : one));
  return spdxExpression(wrapped.map((one, index) => (index === 0 ? one : `${words[index - 1]} ${one}`)).join(" "));
};

const readGroup = (group: string): string | undefined => {
  const words = group.trim().split(/\s+/).join(" ");
  const tokens = words.replace(/ with (?:the )?(\S+) exception(?= |$)/gi, "!$1").split(" ");
  const ids = tokens.map((token, index) => (index % 2 === 0 ? shortName(token) : operator(token)));
  return tokens.length % 2 === 1 && ids.every((id) => id !== undefined) ? ids.join(" ") : undefined;
};

const operator = (word: string): string | undefined => (/^(?:and|or)$/i.test(word) ? word.toUpperCase() : undefined);

const shortName = (token: string): string | undefined => {
  const [word = "", exception] = token.split("!");
  const id = licenseName(word);
  if (exception === undefined || id === undefined) return id;
  const name = EXCEPTIONS.get(exception.toLowerCase())?.[GNU.exec(word)?.[2] ?? ""];
  return name === undefined ? undefined : spdxExpression(`${id} WITH ${name}`);
};

// "trailing dot-zeroes are considered to be equal to plainer version" (DEP-5, "Short name").
const licenseName = (word: string): string | undefined => {
  const [gnu, family, major, minor, plus] = GNU.exec(word) ?? [];
  if (gnu === undefined) {
    const name = word.toLowerCase();
    return SHORT_NAMES.get(name) ?? (/-\d{1,2}$/.test(name) ? SHORT_NAMES.get(`${name}.0`) : undefined);
  }
  return spdxExpression(`${family?.toUpperCase()}-${major}${minor ?? ".0"}-${plus === "+" ? "or-later" : "only"}`);
};
