import type { Package } from "#sbom/package.ts";
import type { RpmHeader } from "#sbom/rpm/rpmHeader.ts";

/** What a package needs or offers: a name, and where a version counts bits of comparison and `epoch:version-release`. */
export type RpmRelation = readonly [name: string] | readonly [name: string, sense: number, version: string];

/** One installed package as rpm's database states it. Short enough to be kept for each, long lists in their compact form. */
export interface RpmRecord {
  readonly name: string;
  readonly version: string;
  readonly release: string;
  readonly epoch?: number | undefined;
  readonly architecture?: string | undefined;
  readonly license?: string | undefined;
  readonly vendor?: string | undefined;
  readonly packager?: string | undefined;
  readonly summary?: string | undefined;
  readonly url?: string | undefined;
  /** File name of the source package. */
  readonly sourceRpm?: string | undefined;
  /** `nodejs:18:8060020220523160029:ad008a3a`. */
  readonly module?: string | undefined;
  /** Of the package file that was installed. */
  readonly digests?: Package["hashes"];
  readonly provides: readonly RpmRelation[];
  readonly requires: readonly RpmRelation[];
  /** Without leading slash, with one at the end, "" for the root; `files` holds the names in each. */
  readonly directories: readonly string[];
  readonly files: readonly (readonly string[])[];
}

// Tags (rpm, "Package format", Tags; lib/rpmtag.h).
const NAME = 1000;
const VERSION = 1001;
const RELEASE = 1002;
const EPOCH = 1003;
const SUMMARY = 1004;
const VENDOR = 1011;
const LICENSE = 1014;
const PACKAGER = 1015;
const URL = 1020;
const ARCHITECTURE = 1022;
const SOURCE_RPM = 1044;
const PROVIDES = { names: 1047, flags: 1112, versions: 1113 };
const REQUIRES = { names: 1049, flags: 1048, versions: 1050 };
const FILES = { directoryIndexes: 1116, names: 1117, directories: 1118, wholeNames: 1027 };
const MODULE = 5096;
const PACKAGE_DIGESTS = 5118;
const PACKAGE_DIGEST_ALGORITHMS = 5119;

const WORD = /^[^\s\p{Cc}/]{1,256}$/u;
const ALGORITHMS: Readonly<Record<number, "SHA-256" | "SHA-512">> = { 8: "SHA-256", 10: "SHA-512" };
const LESS_GREATER_EQUAL = 2 | 4 | 8;
const MAX_RELATION = 1024;
// Linux's PATH_MAX; a file with a longer name is none.
const MAX_PATH = 4096;

/** A header as a record, or undefined where it has no usable name, version or release. Errors: those of the header. */
export const recordOf = (header: RpmHeader): RpmRecord | undefined => {
  const word = (tag: number): string | undefined => usableWord(header.text(tag));
  const [name, version, release] = [word(NAME), word(VERSION), word(RELEASE)];
  if (name === undefined || version === undefined || release === undefined) return undefined;
  return {
    name,
    version,
    release,
    epoch: header.numbers(EPOCH)[0],
    architecture: word(ARCHITECTURE),
    license: printable(header.text(LICENSE)),
    vendor: printable(header.text(VENDOR)),
    packager: printable(header.text(PACKAGER)),
    summary: printable(header.text(SUMMARY)),
    url: printable(header.text(URL)),
    sourceRpm: word(SOURCE_RPM),
    module: word(MODULE),
    digests: digestsOf(header),
    provides: relationsOf(header, PROVIDES),
    requires: relationsOf(header, REQUIRES),
    ...filesOf(header),
  };
};

/** A name or version that can stand in a package URL and on a line; `(none)` is how rpm prints what is not there. */
export const usableWord = (text: string | undefined): string | undefined =>
  text !== undefined && text !== "(none)" && WORD.test(text) ? text : undefined;

/** A text as one line of at most 500 characters, or undefined for nothing. */
export const printable = (text: string | undefined): string | undefined => {
  const plain = text
    ?.slice(0, 2000)
    .replace(/\p{Cc}+/gu, " ")
    .trim()
    .slice(0, 500);
  return plain === "" || plain === "(none)" ? undefined : plain;
};

// Since rpm 6.0, of the whole file; the digests of headers and payloads that older ones have are of no file. Test
// transactions once stored them twice (rpm#3735).
const digestsOf = (header: RpmHeader): Package["hashes"] => {
  const algorithms = header.numbers(PACKAGE_DIGEST_ALGORITHMS);
  const found = new Map<string, { readonly algorithm: "SHA-256" | "SHA-512"; readonly hex: string }>();
  for (const [index, hex] of header.texts(PACKAGE_DIGESTS).entries()) {
    const algorithm = ALGORITHMS[algorithms[index] ?? 0];
    const length = algorithm === "SHA-256" ? 64 : 128;
    if (algorithm !== undefined && hex.length === length && /^[0-9a-f]+$/.test(hex)) found.set(hex, { algorithm, hex });
  }
  return found.size === 0 ? undefined : [...found.values()];
};

const relationsOf = (
  header: RpmHeader,
  tags: { readonly names: number; readonly flags: number; readonly versions: number },
): readonly RpmRelation[] => {
  const flags = header.numbers(tags.flags);
  const versions = header.texts(tags.versions);
  const relations = new Map<string, RpmRelation>();
  for (const [index, name] of header.texts(tags.names).entries()) {
    // What rpm itself must be able to do is no package.
    if (name === "" || name.length > MAX_RELATION || name.startsWith("rpmlib(")) continue;
    const sense = (flags[index] ?? 0) & LESS_GREATER_EQUAL;
    const version = versions[index] ?? "";
    const relation: RpmRelation =
      sense === 0 || version === "" ? [name] : [name, sense, version.slice(0, MAX_RELATION)];
    relations.set(relation.join("\0"), relation);
  }
  return [...relations.values()];
};

const filesOf = (header: RpmHeader): Pick<RpmRecord, "directories" | "files"> => {
  const names = header.texts(FILES.names);
  if (names.length === 0) return wholeNames(header);
  const directories = header.texts(FILES.directories);
  const files = directories.map((): string[] => []);
  const indexes = header.numbers(FILES.directoryIndexes);
  for (const [place, name] of names.entries()) {
    const index = indexes[place] ?? -1;
    if (name.length + (directories[index]?.length ?? MAX_PATH) < MAX_PATH) files[index]?.push(name);
  }
  return { directories: directories.map((directory) => directory.replace(/^\/+/, "").slice(0, MAX_PATH)), files };
};

// rpm before 4.0 wrote paths whole.
const wholeNames = (header: RpmHeader): Pick<RpmRecord, "directories" | "files"> => {
  const byDirectory = new Map<string, string[]>();
  for (const path of header.texts(FILES.wholeNames)) {
    if (path.length >= MAX_PATH) continue;
    const slash = path.lastIndexOf("/") + 1;
    const directory = path.slice(0, slash).replace(/^\/+/, "");
    const known = byDirectory.get(directory);
    if (known === undefined) byDirectory.set(directory, [path.slice(slash)]);
    else known.push(path.slice(slash));
  }
  return { directories: [...byDirectory.keys()], files: [...byDirectory.values()] };
};
