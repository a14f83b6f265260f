import { plainText } from "#sbom/plainText.ts";
import { readJsonObject } from "#sbom/readJsonObject.ts";

/** One record of conda-meta: a package as conda, mamba and pixi remember it. */
export interface CondaRecord {
  readonly name?: string;
  readonly version?: string;
  readonly build?: string;
  /** `conda-forge`, `main`; without host and tokens. */
  readonly channel?: string;
  readonly subdir?: string;
  /** How the archive was packed: `conda` or `tar.bz2`. */
  readonly archive?: string;
  readonly license?: string;
  readonly md5?: string;
  readonly sha256?: string;
  /** What it needs, by name alone; conda's virtual packages (`__glibc`) left out. */
  readonly depends: readonly string[];
  /** Somebody asked for it by name. */
  readonly isRequested: boolean;
  /** Files below the prefix that may be some package's evidence. */
  readonly files: readonly string[];
}

const MAX_DEPENDS = 1000;
const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.+-]{0,127}$/;
const VERSION = /^[0-9A-Za-z][0-9A-Za-z_.!+-]{0,127}$/;
const WORD = /^[0-9A-Za-z_][0-9A-Za-z_.+-]{0,127}$/;
// What no cataloger reads, and most of what there is.
const NO_EVIDENCE = /\.(?:pyc?|pyi|h|hpp|html?|png|svg|js\.map|gz|[1-9])$/;

/** Reads `conda-meta/NAME-VERSION-BUILD.json` (conda's PrefixRecord). Throws INPUT_INVALID or LIMIT_EXCEEDED. */
export const readRecord = (bytes: Uint8Array): CondaRecord => {
  const record = readJsonObject(bytes, "conda record");
  const word = (key: string, pattern: RegExp): string | undefined => {
    const value = record[key];
    return typeof value === "string" && pattern.test(value) ? value : undefined;
  };
  const subdir = word("subdir", WORD);
  return {
    ...optional("name", word("name", NAME)),
    ...optional("version", word("version", VERSION)),
    ...optional("build", word("build", WORD) ?? word("build_string", WORD)),
    ...optional("channel", channelOf(record["channel"] ?? record["schannel"], subdir)),
    ...optional("subdir", subdir),
    ...optional("archive", archiveOf(record["fn"] ?? record["url"])),
    ...optional("license", plainText(record["license"], 500)),
    ...optional("md5", word("md5", /^[0-9a-f]{32}$/)),
    ...optional("sha256", word("sha256", /^[0-9a-f]{64}$/)),
    depends: texts(record["depends"]).slice(0, MAX_DEPENDS).flatMap(nameOf),
    isRequested: isRequested(record["requested_spec"]) || texts(record["requested_specs"]).some(isRequested),
    files: texts(record["files"]).filter((path) => path.length <= 4096 && !NO_EVIDENCE.test(path)),
  };
};

const texts = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];

const isRequested = (spec: unknown): boolean => typeof spec === "string" && spec !== "" && spec !== "None";

// A match specification: `numpy >=1.22,<2.0a0`, `python_abi 3.11.* *_cp311`, `conda-forge::blas`.
const nameOf = (spec: string): readonly string[] => {
  const [, name = ""] = /^\s{0,5}(?:[^\s:]{1,200}::)?([A-Za-z0-9_][A-Za-z0-9_.+-]{0,127})/.exec(spec) ?? [];
  return name === "" || name.startsWith("__") ? [] : [name.toLowerCase()];
};

// `https://repo.anaconda.com/pkgs/main/linux-64`, `https://host/t/TOKEN/team/noarch`, `conda-forge`.
const channelOf = (value: unknown, subdir: string | undefined): string | undefined => {
  if (typeof value !== "string" || value.length > 1000) return undefined;
  const path = value
    .replace(/^[a-z]{1,10}:\/\/[^/]*\/?/, "")
    .replace(/^t\/[^/]*\//, "")
    .replace(/^\/+|\/+$/g, "");
  const withoutSubdir = subdir !== undefined && path.endsWith(`/${subdir}`) ? path.slice(0, -subdir.length - 1) : path;
  const channel = withoutSubdir.replace(/^pkgs\//, "");
  return /^[A-Za-z0-9_][A-Za-z0-9_./-]{0,127}$/.test(channel) ? channel : undefined;
};

const archiveOf = (file: unknown): string | undefined =>
  typeof file === "string" ? /\.(conda|tar\.bz2)$/.exec(file)?.[1] : undefined;

const optional = <K extends string>(key: K, value: string | undefined): { readonly [P in K]?: string } =>
  value === undefined ? {} : ({ [key]: value } as { readonly [P in K]: string });
