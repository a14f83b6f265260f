import { readControl } from "#sbom/dpkg/readControl.ts";
import type { Stanza } from "#sbom/dpkg/readControl.ts";
import { proseLicenses } from "#sbom/dpkg/proseLicenses.ts";
import { debianLicense } from "#sbom/license/debianLicense.ts";
import { joinLicenses } from "#sbom/license/joinLicenses.ts";
import type { Package } from "#sbom/package.ts";

type Licenses = Package["licenses"];

const MACHINE_READABLE = /^\s*Format:\s*https?:\/\/www\.debian\.org\/doc\/packaging-manuals\/copyright-format\//i;
const FIELDS: ReadonlySet<string> = new Set(["format", "files", "license"]);

/**
 * The licences that a Debian copyright file states: the synopses of its Files paragraphs where it is machine-readable
 * (DEP-5), else those that its prose names beyond doubt.
 */
export const copyrightLicenses = (bytes: Uint8Array): Licenses => {
  const text = new TextDecoder().decode(bytes);
  if (!MACHINE_READABLE.test(text)) return joinLicenses([proseLicenses(text).map((name) => ({ name }))]);
  const stanzas = readControl(text, FIELDS);
  const used = synopses(stanzas.filter((stanza) => stanza.has("files")));
  const stated = used.length > 0 ? used : synopses(stanzas);
  return joinLicenses(stated.map(readSynopsis));
};

const synopses = (stanzas: readonly Stanza[]): readonly string[] => {
  const firstLines = stanzas.map((stanza) => (stanza.get("license") ?? "").split("\n", 1)[0]?.trim() ?? "");
  return [...new Set(firstLines)].filter((line) => line !== "");
};

const readSynopsis = (synopsis: string): Licenses => {
  const expression = debianLicense(synopsis);
  return expression === undefined ? [{ name: synopsis.slice(0, 200) }] : [{ expression }];
};
